import Foundation
import Testing

/// One run of the program from its start to its end.
struct Ran: Sendable {
    /// The exit code, 128 + N after signal N.
    let exitCode: Int32
    let output: String
    let errors: String
    /// How long the processor was at it, in milliseconds: unlike the time on the wall, this is the program's own.
    let processorMilliseconds: Int

    private static let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The playbook that the project ships.
    static let playbook = checkout + "/playbooks/local-demo.yaml"

    /// The program under test: `CHANGEOVER_BIN`, else the one that was built beside these tests.
    private static let changeover: String = {
        if let named = ProcessInfo.processInfo.environment["CHANGEOVER_BIN"] { return named }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("changeover").path
    }()

    /// Runs `changeover` with arguments in a folder, which is its home, too.
    static func changeover(_ arguments: [String], in folder: Folder) async throws -> Ran {
        let results = try Folder()
        let files = (output: results.path + "/output", errors: results.path + "/errors")
        let words = ["env", "-i", "-C", folder.path, "HOME=\(folder.path)", "TMPDIR=\(folder.path)", changeover]
        let process = try start(words + arguments, files)
        let (status, usage) = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                var usage = rusage()
                while wait4(process, &status, 0, &usage) == -1 && errno == EINTR {}
                continuation.resume(returning: (status, usage))
            }
        }
        let micros = [usage.ru_utime, usage.ru_stime].map { $0.tv_sec * 1_000_000 + Int($0.tv_usec) }
        return Ran(
            exitCode: status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F), output: text(files.output),
            errors: text(files.errors), processorMilliseconds: micros.reduce(0, +) / 1000)
    }

    private static func start(_ words: [String], _ files: (output: String, errors: String)) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files.output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, files.errors, O_WRONLY | O_CREAT, 0o600)
        var process: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        let code = posix_spawn(&process, "/usr/bin/env", &actions, nil, &arguments, &environment)
        try #require(code == 0, "env cannot be started: \(code)")
        return process
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The JSON document on standard output.
    func document() throws -> Rehearsed {
        try JSONDecoder().decode(Rehearsed.self, from: Data(output.utf8))
    }
}

/// A temporary folder that goes with its last reference.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("changeover-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    /// Everything in it, by path.
    var contents: [String] { (FileManager.default.subpaths(atPath: path) ?? []).sorted() }
}

/// What a script relies on in the document of a rehearsal.
struct Rehearsed: Decodable {
    struct Instance: Decodable {
        var id: String
        var role: String
        var state: String
        var isRunning: Bool
        var isRouted: Bool
        var traffic: [String: String]
    }

    struct Fault: Decodable {
        var name: String
        var state: String
        var bites: Int
    }

    struct Process: Decodable {
        var command: String
        var exitCode: Int32
    }

    var type: String
    var seed: UInt64
    var state: String
    var exitCode: Int32
    var finalExitCode: Int32
    var invariantsHeld: Bool
    var instances: [Instance]
    var leftRunning: [String]
    var faults: [Fault]
    var processes: [Process]
}
