import Foundation
import Testing

/// Runs of the built simulator.
struct Simulator {
    /// The program under test: `SIMULATE_BIN`, else the one that was built beside these tests.
    static let program: URL = {
        if let named = ProcessInfo.processInfo.environment["SIMULATE_BIN"] { return URL(fileURLWithPath: named) }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("simulate")
    }()

    /// What a run left behind.
    struct Ending {
        /// The exit code, 128 + N after signal N.
        var code: Int32
        var output: String
        var errors: String

        /// Both outputs, for a failure's message.
        var text: String { "exit code \(code)\n\(output)\(errors)" }
    }

    /// Its process.
    let identifier: pid_t
    private let folder: URL

    /// Starts the simulator.
    init(_ arguments: [String]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("simulator-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for (descriptor, name) in [(STDOUT_FILENO, "output"), (STDERR_FILENO, "errors")] {
            let path = folder.appendingPathComponent(name).path
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        // The threads of a thread pool block signals, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = ([Self.program.path] + arguments).map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var number = pid_t()
        let code = posix_spawn(&number, Self.program.path, &actions, &attributes, words, variables)
        try #require(code == 0, "\(Self.program.path) cannot be started: \(String(cString: strerror(code)))")
        identifier = number
    }

    /// Runs the simulator to its end.
    static func run(_ arguments: String...) async throws -> Ending {
        try await Simulator(arguments).end()
    }

    /// Waits for the end.
    func end(within limit: Duration = .seconds(120)) async throws -> Ending {
        defer { try? FileManager.default.removeItem(at: folder) }
        let status: Int32
        do {
            status = try await eventually("the simulator ends", within: limit) { () -> Int32? in
                var status: Int32 = 0
                return waitpid(identifier, &status, WNOHANG) == identifier ? status : nil
            }
        } catch {
            kill(identifier, SIGKILL)
            throw error
        }
        let signal = status & 0x7F
        return Ending(
            code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: try text("output"),
            errors: try text("errors"))
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }

    /// Its worker processes, once there are as many as asked for.
    func workers(_ count: Int) async throws -> [pid_t] {
        try await eventually("\(count) workers run") {
            let found = Self.children(of: identifier)
            return found.count == count ? found : nil
        }
    }

    private static func children(of parent: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { stat(of: $0)?.parent == parent }
    }

    /// Whether a process is there and not only its exit code.
    static func isAlive(_ process: pid_t) -> Bool {
        stat(of: process).map { $0.state != "Z" } ?? false
    }

    private static func stat(of process: pid_t) -> (state: String, parent: pid_t)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        // The program's name, in parentheses, may have spaces.
        let words = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard words.count > 1, let parent = pid_t(words[1]) else { return nil }
        return (String(words[0]), parent)
    }
}

/// Waits for what can be observed.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(30), _ look: () throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: limit)
    while clock.now < deadline {
        if let value = try look() { return value }
        try await clock.sleep(for: .milliseconds(5))
    }
    return try #require(try look(), "not within \(limit): \(what)")
}
