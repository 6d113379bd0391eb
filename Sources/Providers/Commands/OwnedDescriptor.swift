import Foundation
import Glibc

/// An open file descriptor that closes itself; always above 2 and closed in children.
final class OwnedDescriptor: Sendable {
    /// The descriptor's number.
    let number: Int32

    /// Takes over an open descriptor, moving it out of the way of the three standard ones.
    init(taking number: Int32) {
        guard number <= 2 else {
            self.number = number
            return
        }
        self.number = fcntl(number, F_DUPFD_CLOEXEC, 3)
        close(number)
    }

    deinit { close(number) }

    /// The same open file under another number, at least `lowest`, so that no target of a spawn can overwrite it.
    func duplicate(from lowest: Int32) throws(SystemFailure) -> OwnedDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, max(3, lowest))
        guard copy >= 0 else { throw SystemFailure(doing: "duplicate a descriptor") }
        return OwnedDescriptor(taking: copy)
    }

    /// Opens a file; throws the error number.
    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws(SystemFailure) -> OwnedDescriptor {
        let number = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw SystemFailure(doing: "open \(path)") }
        return OwnedDescriptor(taking: number)
    }

    /// Creates a pipe whose reading end never blocks.
    static func pipe() throws(SystemFailure) -> (reading: OwnedDescriptor, writing: OwnedDescriptor) {
        var numbers: [Int32] = [-1, -1]
        guard let pipe2 = GNULibrary.pipe2, pipe2(&numbers, O_CLOEXEC) == 0 else {
            throw SystemFailure(doing: "create a pipe")
        }
        let ends = (reading: OwnedDescriptor(taking: numbers[0]), writing: OwnedDescriptor(taking: numbers[1]))
        _ = fcntl(ends.reading.number, F_SETFL, O_NONBLOCK)
        return ends
    }

    /// A descriptor at whose start `text` can be read: a nameless file in memory, so that no pipe can ever break.
    static func containing(_ text: String) throws(SystemFailure) -> OwnedDescriptor {
        guard !text.isEmpty else { return try open("/dev/null", O_RDONLY) }
        let closeOnExec: UInt32 = 1
        guard let create = GNULibrary.memfdCreate else { throw SystemFailure(doing: "create input", number: ENOSYS) }
        let number = create("input", closeOnExec)
        guard number >= 0 else { throw SystemFailure(doing: "create input") }
        let file = OwnedDescriptor(taking: number)
        try file.write(Array(text.utf8))
        lseek(file.number, 0, SEEK_SET)
        return file
    }

    /// Writes all bytes; throws the error number.
    func write(_ bytes: [UInt8]) throws(SystemFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure(doing: "write") }
            rest = rest.dropFirst(count)
        }
    }
}
