import Foundation
import Glibc

/// One process to start by exec, without a shell.
struct SpawnRequest {
    /// The program's path; relative paths count from `folder`.
    var program: String
    /// Program name and arguments.
    var arguments: [String]
    /// The whole environment.
    var environment: [String: String]
    /// The working folder.
    var folder: String?
    /// Descriptors for the child's 0, 1, 2 and on; all others are closed.
    var descriptors: [OwnedDescriptor]
    /// Whether the child leads a session of its own instead of only a process group.
    var startsSession = false

    /// The flag that glibc's `spawn.h` hides from Swift.
    private static let setSessionFlag: Int32 = 0x80

    /// Starts the process as the leader of a process group, with default signal handling, and returns its id.
    func spawn() throws(SystemFailure) -> pid_t {
        guard let closeFrom = GNULibrary.spawnCloseFrom, let changeFolder = GNULibrary.spawnChangeFolder else {
            throw SystemFailure(doing: "start a process (needs glibc 2.34 or newer)", number: ENOSYS)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let sources = try descriptors.map { descriptor throws(SystemFailure) in
            try descriptor.duplicate(from: Int32(descriptors.count))
        }
        for (target, source) in sources.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, source.number, Int32(target))
        }
        _ = closeFrom(&actions, Int32(descriptors.count))
        if let folder { _ = changeFolder(&actions, folder) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        configure(&attributes)
        return try withExtendedLifetime(sources) { () throws(SystemFailure) in try start(&actions, &attributes) }
    }

    private func configure(_ attributes: inout posix_spawnattr_t) {
        let group = startsSession ? Self.setSessionFlag : Int32(POSIX_SPAWN_SETPGROUP)
        let flags = group | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
    }

    private func start(
        _ actions: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t
    ) throws(SystemFailure) -> pid_t {
        var argumentPointers = arguments.map { strdup($0) } + [nil]
        var environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argumentPointers + environmentPointers).forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(
            &process, program, &actions, &attributes, &argumentPointers, &environmentPointers)
        guard result == 0 else { throw SystemFailure(doing: "start \(program)", number: result) }
        return process
    }
}
