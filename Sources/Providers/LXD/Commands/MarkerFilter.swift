import Glibc

/// Takes the script's reports out of a stream, wherever they are cut and whatever stands before them.
///
/// A report is the marker and words up to a line feed. Bytes that may be the beginning of a report are held back until
/// more come; the marker's first byte is a control character, so that ordinary output is never held back.
struct MarkerFilter: Sendable {
    /// The longest report; what goes on for longer is none.
    private static let longestReportBytes = 256

    private let marker: [UInt8]
    private var held: [UInt8] = []

    init(marker: String) {
        self.marker = Array(marker.utf8)
    }

    /// Takes in the stream's next bytes; hands on those that are the command's own, and returns the reports.
    mutating func take(_ bytes: [UInt8], own: (UnsafeRawBufferPointer) -> Void) -> [LXDExecReport] {
        var reports: [LXDExecReport] = []
        let input = held.isEmpty ? bytes : held + bytes
        held = []
        input.withUnsafeBytes { input in
            var position = 0
            while let start = index(of: marker[0], in: input, from: position) {
                let rest = input[start...]
                let length = min(rest.count, marker.count)
                guard rest.prefix(length).elementsEqual(marker.prefix(length)) else {
                    own(UnsafeRawBufferPointer(rebasing: input[position...start]))
                    position = start + 1
                    continue
                }
                own(UnsafeRawBufferPointer(rebasing: input[position..<start]))
                position = start
                guard let end = index(of: UInt8(ascii: "\n"), in: input, from: start) else {
                    if rest.count <= Self.longestReportBytes {
                        held = Array(rest)
                        return
                    }
                    own(UnsafeRawBufferPointer(rebasing: rest))
                    return
                }
                let words = String(decoding: input[(start + length)..<end], as: UTF8.self)
                if length == marker.count, let report = LXDExecReport(words: words) {
                    reports.append(report)
                } else {
                    own(UnsafeRawBufferPointer(rebasing: input[start...end]))
                }
                position = end + 1
            }
            own(UnsafeRawBufferPointer(rebasing: input[position...]))
        }
        return reports
    }

    /// Hands on what was held back, once the stream has ended.
    mutating func finish(own: (UnsafeRawBufferPointer) -> Void) {
        held.withUnsafeBytes(own)
        held = []
    }

    private func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from position: Int) -> Int? {
        guard position < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + position, Int32(byte), bytes.count - position)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
