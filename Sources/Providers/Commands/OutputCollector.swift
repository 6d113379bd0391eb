import Foundation
import Glibc

/// Reads one output stream of a process: keeps the beginning up to a limit and hands on each line within it.
struct OutputCollector {
    /// The longest line that is handed on whole; longer ones come in pieces.
    private static let longestLineBytes = 64 * 1024

    private let descriptor: OwnedDescriptor
    private let limit: Int
    private let onLine: (String) -> Void
    private var kept: [UInt8] = []
    private var lineStart = 0

    /// Whether the stream's writers have all closed it.
    private(set) var isAtEnd = false
    /// Whether output beyond the limit was dropped.
    private(set) var isTruncated = false

    /// Creates a collector of at most `limit` bytes.
    init(_ descriptor: OwnedDescriptor, limit: Int, onLine: @escaping (String) -> Void) {
        self.descriptor = descriptor
        self.limit = max(0, limit)
        self.onLine = onLine
    }

    /// The descriptor to poll; -1, which poll ignores, once the stream has ended.
    var pollDescriptor: Int32 { isAtEnd ? -1 : descriptor.number }

    /// What was kept, as UTF-8 with repairs.
    var text: String { String(decoding: kept, as: UTF8.self) }

    /// Reads all that can be had without blocking, at most one buffer's length.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) {
        guard !isAtEnd else { return }
        let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
        if count < 0 {
            isAtEnd = errno != EAGAIN && errno != EINTR
        } else if count == 0 {
            isAtEnd = true
        } else {
            append(buffer.prefix(count))
        }
    }

    /// Hands on the last line when it has no line feed.
    mutating func finish() {
        if lineStart < kept.count { emitLine(upTo: kept.count) }
    }

    private mutating func append(_ bytes: Slice<UnsafeMutableRawBufferPointer>) {
        let room = limit - kept.count
        if bytes.count > room { isTruncated = true }
        let firstNew = kept.count
        kept.append(contentsOf: bytes.prefix(room))
        var position = firstNew
        while position < kept.count {
            if kept[position] == UInt8(ascii: "\n") {
                emitLine(upTo: position)
                lineStart = position + 1
            } else if position - lineStart >= Self.longestLineBytes {
                emitLine(upTo: position)
                lineStart = position
            }
            position += 1
        }
    }

    private func emitLine(upTo end: Int) {
        onLine(String(decoding: kept[lineStart..<end], as: UTF8.self))
    }
}
