/// Keeps the beginning of an output stream up to a limit and hands on each line within it.
struct LineCollector: Sendable {
    /// The longest line that is handed on whole; longer ones come in pieces.
    private static let longestLineBytes = 64 * 1024

    private let limit: Int
    private var kept: [UInt8] = []
    private var lineStart = 0

    /// Whether output beyond the limit was dropped.
    private(set) var isTruncated = false

    /// Creates a collector of at most `limit` bytes.
    init(limit: Int) {
        self.limit = max(0, limit)
    }

    /// What was kept, as UTF-8 with repairs.
    var text: String { String(decoding: kept, as: UTF8.self) }

    /// Takes in the stream's next bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer, onLine: (String) -> Void) {
        let room = limit - kept.count
        if bytes.count > room { isTruncated = true }
        var position = kept.count
        kept.append(contentsOf: bytes.prefix(room))
        while position < kept.count {
            if kept[position] == UInt8(ascii: "\n") {
                emitLine(upTo: position, onLine)
                lineStart = position + 1
            } else if position - lineStart >= Self.longestLineBytes {
                emitLine(upTo: position, onLine)
                lineStart = position
            }
            position += 1
        }
    }

    /// Hands on the last line when it has no line feed.
    mutating func finish(onLine: (String) -> Void) {
        guard lineStart < kept.count else { return }
        emitLine(upTo: kept.count, onLine)
        lineStart = kept.count
    }

    private func emitLine(upTo end: Int, _ onLine: (String) -> Void) {
        onLine(String(decoding: kept[lineStart..<end], as: UTF8.self))
    }
}
