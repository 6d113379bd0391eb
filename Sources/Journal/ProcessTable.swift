import Foundation
import Workflow

/// What this machine's kernel tells about its processes.
enum ProcessTable {
    /// What `/proc/<pid>/stat` says of a process.
    struct Entry {
        /// The one-letter state; `Z` and `X` are dead.
        var state: Character
        /// How many threads are left.
        var threads: Int
        /// When it started, in clock ticks since boot.
        var start: UInt64

        /// Whether nothing of the process runs any more although its entry waits to be collected.
        var isDead: Bool { (state == "Z" || state == "X") && threads <= 1 }
    }

    /// The process namespace of a machine's first process (`PROC_PID_INIT_INO`, linux/proc_ns.h).
    private static let initialNamespace = "pid:[4026531836]"

    /// Whether a holder that lives on this very machine and boot is provably gone.
    ///
    /// What cannot be read proves nothing: with `hidepid` other users' processes have no entry, but kill(2) still
    /// tells that they exist.
    static func isGone(_ holder: LeaseHolder) -> Bool {
        if kill(holder.processID, 0) != 0, errno == ESRCH { return true }
        guard let entry = entry(of: holder.processID) else { return false }
        return entry.start != holder.processStart || entry.isDead
    }

    /// Reads a process's entry; the name in parentheses may hold anything, so fields count from its last `)`.
    static func entry(of processID: Int32) -> Entry? {
        guard let text = text(of: "/proc/\(processID)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // proc(5): state is field 3, num_threads 20, starttime 22.
        guard fields.count > 19, let state = fields[0].first, let threads = Int(fields[17]),
            let start = UInt64(fields[19])
        else { return nil }
        return Entry(state: state, threads: threads, start: start)
    }

    static func hostName() -> String {
        let name = text(of: "/proc/sys/kernel/hostname")?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "localhost"
        let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        guard let namespace, namespace != initialNamespace else { return name }
        return "\(name)/\(namespace)"
    }

    static func text(of path: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return String(bytes: bytes, encoding: .utf8)
    }
}
