import Foundation
import Glibc

/// One process, told from later ones with the same number by its start time.
struct ProcessIdentity: Equatable, Sendable {
    /// The process id.
    var process: pid_t
    /// The start time in clock ticks since boot, field 22 of proc_pid_stat(5).
    var startTime: UInt64

    /// Creates an identity from `pid start-time`, as the supervisor writes it.
    init?(text: String) {
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, let process = pid_t(parts[0]), process > 1, let startTime = UInt64(parts[1]) else {
            return nil
        }
        self.process = process
        self.startTime = startTime
    }

    /// Whether the very process still runs; a zombie does not, and one of ours is collected.
    var isAlive: Bool {
        guard let text = ProcessTable.read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else {
            return false
        }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, UInt64(fields[19]) == startTime else { return false }
        guard fields[0] == "Z" || fields[0] == "X" else { return true }
        waitpid(process, nil, WNOHANG)
        return false
    }
}

/// Looks processes up in `/proc`.
enum ProcessTable {
    /// The live processes of this user whose environment has `variable` with `value`, except this one.
    static func processes(with variable: String, _ value: String) -> [pid_t] {
        let entry = Array("\(variable)=\(value)".utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { process in
            guard process != getpid(), let data = readBytes("/proc/\(process)/environ") else { return false }
            return data.split(separator: 0).contains { $0.elementsEqual(entry) }
        }
    }

    /// Reads a small file of `/proc` as text; `nil` when it cannot be read.
    static func read(_ path: String) -> String? {
        readBytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func readBytes(_ path: String) -> [UInt8]? {
        guard let file = try? OwnedDescriptor.open(path, O_RDONLY) else { return nil }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(file.number, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return content }
            content.append(contentsOf: buffer.prefix(count))
        }
    }
}
