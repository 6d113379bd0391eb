import Foundation

/// Starts this program again in a session of its own, so that it outlives the terminal.
enum DetachedProcess {
    static func start(_ arguments: [String], log: String) throws -> pid_t {
        let program = "/proc/self/exe"
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(setSessionFlag))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var process = pid_t()
        var pointers = (["changeover"] + arguments).map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        let resolved = (try? FileManager.default.destinationOfSymbolicLink(atPath: program)) ?? program
        let code = posix_spawn(&process, resolved, &actions, &attributes, &pointers, environ)
        guard code == 0 else {
            throw CommandFailure(
                .unexpected, code: "cannot-start",
                "a process of its own cannot be started: \(String(cString: strerror(code)))")
        }
        return process
    }

    /// `POSIX_SPAWN_SETSID` of glibc 2.26 and later, which its header offers to GNU sources only.
    private static let setSessionFlag = 0x80
}
