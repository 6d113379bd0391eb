/// Joins what the console and the log of first boot show to one text that only grows at its end.
///
/// Whoever copies it piece by piece would see one of them twice if they were simply put one after the other.
struct LXDConsole: Sendable {
    /// How much of either is read.
    static let sourceLimitBytes = 4 << 20
    /// How much of both is kept.
    private static let limitBytes = 256 * 1024

    private var console = ""
    private var log = ""
    private var joined = ""

    /// Adds what is new in either, and returns the newest of both.
    mutating func adding(console newConsole: String, log newLog: String) -> String {
        joined += Self.news(in: Self.normalized(newConsole), after: &console)
        joined += Self.news(in: Self.normalized(newLog), after: &log)
        if joined.utf8.count > Self.limitBytes {
            // From the beginning of a line on, where there is one.
            let newest = String(decoding: joined.utf8.suffix(Self.limitBytes), as: UTF8.self)
            joined = newest.firstIndex(of: "\n").map { String(newest[newest.index(after: $0)...]) } ?? newest
        }
        return joined
    }

    /// What a text has after what it had before; all of it when it has begun anew, nothing when it cannot be read.
    private static func news(in text: String, after known: inout String) -> String {
        guard !text.isEmpty else { return "" }
        // By bytes, since what follows later may make one character with what was the last.
        let isMore = text.utf8.starts(with: known.utf8)
        let news = isMore ? String(decoding: text.utf8.dropFirst(known.utf8.count), as: UTF8.self) : text
        known = text
        return news
    }

    /// A text without the carriage returns before line feeds, which Swift would take for one character with them.
    ///
    /// Those at the very end wait for what follows, so that the text still only grows at its end.
    private static func normalized(_ text: String) -> String {
        let (carriageReturn, lineFeed) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        guard text.utf8.contains(carriageReturn) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var waiting = 0
        for byte in text.utf8 {
            guard byte != carriageReturn else {
                waiting += 1
                continue
            }
            if byte != lineFeed { bytes.append(contentsOf: repeatElement(carriageReturn, count: waiting)) }
            waiting = 0
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
