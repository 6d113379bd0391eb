import Foundation
import Synchronization
import Testing

/// One run of a program, with its output in files, so that nothing that outlives it can hold a pipe open.
final class Program: Sendable {
    /// What a program finds on its standard input.
    enum Input: Sendable {
        /// Nothing: the end at once.
        case empty
        /// No descriptor at all.
        case closed
        /// A pipe into which nobody ever writes and which never ends.
        case silent
    }

    /// The process's number.
    let process: pid_t
    private let outputPath: String
    private let errorPath: String
    private let words: String
    private let status = Mutex<Int32?>(nil)

    /// Starts a program in a process group of its own; `files` is the beginning of its output files' names.
    init(
        _ arguments: [String], in folder: String, environment: [String: String], files: String, input: Input = .empty
    ) throws {
        words = arguments.joined(separator: " ")
        (outputPath, errorPath) = (files + ".out", files + ".err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        switch input {
        case .empty: posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        case .closed: posix_spawn_file_actions_addclose(&actions, 0)
        case .silent:
            mkfifo(files + ".in", 0o600)
            posix_spawn_file_actions_addopen(&actions, 0, files + ".in", O_RDWR, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of a thread pool block signals, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        // Glibc offers the action that changes the folder to GNU sources only; `env` becomes the program itself.
        var argv = (["env", "-C", folder] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var number = pid_t()
        let code = posix_spawn(&number, "/usr/bin/env", &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Failed("\(words) cannot be started: \(String(cString: strerror(code)))") }
        process = number
    }

    /// What it has written to standard output so far.
    var output: String { Self.text(of: outputPath) }
    /// What it has written to standard error so far.
    var errors: String { Self.text(of: errorPath) }
    /// Both, for a failure's message.
    var transcript: String { "$ \(words)\n\(output.suffix(2000))\(errors.suffix(2000))" }

    /// The exit code, 128 + N after signal N, or `nil` while it runs.
    var exitCode: Int32? {
        let raw = status.withLock { known -> Int32? in
            if known != nil { return known }
            var found: Int32 = 0
            if waitpid(process, &found, WNOHANG) == process { known = found }
            return known
        }
        return raw.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : 128 + ($0 & 0x7F) }
    }

    /// Waits for its end.
    func end(within limit: Duration = .seconds(60)) async throws -> Int32 {
        try await eventually("`\(words)` ends", within: limit, else: { self.transcript }) { self.exitCode != nil }
        return try #require(exitCode)
    }

    /// Sends a signal, unless it has ended.
    func signal(_ number: Int32) {
        if exitCode == nil { kill(process, number) }
    }

    /// Ends it by SIGKILL and waits until it is gone.
    func kill9() async throws {
        signal(SIGKILL)
        try await eventually("\(process) is gone", within: .seconds(5)) { self.exitCode != nil }
    }

    private static func text(of path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
