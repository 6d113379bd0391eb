internal import Glibc

/// Reads small regular files whole.
enum SmallFile {
    /// Bounds a file's bytes; real ones have a few KiB.
    static let maxBytes = 1024 * 1024

    enum Outcome: Equatable {
        case missing
        case unreadable(String)
        case bytes([UInt8])
    }

    /// Reads a file; what is there but no regular file counts as missing, as for the AWS tools.
    static func read(_ path: String) -> Outcome {
        guard !path.utf8.contains(0) else { return .missing }
        // Not blocking, so that a named pipe does not make the call wait.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .missing }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .unreadable(String(cString: strerror(errno))) }
            if count == 0 { return .bytes(content) }
            content += buffer[..<count]
            guard content.count <= maxBytes else { return .unreadable("it is larger than \(maxBytes) bytes") }
        }
    }
}
