import Foundation
import Glibc

/// Reads one output stream of a process: keeps the beginning up to a limit and hands on each line within it.
struct OutputCollector {
    private let descriptor: OwnedDescriptor
    private let onLine: (String) -> Void
    private var lines: LineCollector

    /// Whether the stream's writers have all closed it.
    private(set) var isAtEnd = false

    /// Creates a collector of at most `limit` bytes.
    init(_ descriptor: OwnedDescriptor, limit: Int, onLine: @escaping (String) -> Void) {
        self.descriptor = descriptor
        self.onLine = onLine
        lines = LineCollector(limit: limit)
    }

    /// The descriptor to poll; -1, which poll ignores, once the stream has ended.
    var pollDescriptor: Int32 { isAtEnd ? -1 : descriptor.number }

    /// What was kept, as UTF-8 with repairs.
    var text: String { lines.text }

    /// Whether output beyond the limit was dropped.
    var isTruncated: Bool { lines.isTruncated }

    /// Reads all that can be had without blocking, at most one buffer's length.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) {
        guard !isAtEnd else { return }
        let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
        if count < 0 {
            isAtEnd = errno != EAGAIN && errno != EINTR
        } else if count == 0 {
            isAtEnd = true
        } else {
            lines.append(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)), onLine: onLine)
        }
    }

    /// Hands on the last line when it has no line feed.
    mutating func finish() {
        lines.finish(onLine: onLine)
    }
}
