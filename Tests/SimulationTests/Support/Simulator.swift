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

    private let process = Process()
    private let folder: URL
    private let ended: AsyncStream<Void>

    /// Starts the simulator.
    init(_ arguments: [String]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("simulator-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process.executableURL = Self.program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        for name in ["output", "errors"] { try Data().write(to: folder.appendingPathComponent(name)) }
        process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("output"))
        process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("errors"))
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        ended = stream
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
    }

    /// Runs the simulator to its end.
    static func run(_ arguments: String...) async throws -> Ending {
        try await Simulator(arguments).end()
    }

    /// Waits for the end.
    func end() async throws -> Ending {
        for await _ in ended {}
        defer { try? FileManager.default.removeItem(at: folder) }
        let status = process.terminationStatus
        return Ending(
            code: process.terminationReason == .uncaughtSignal ? 128 + status : status, output: try text("output"),
            errors: try text("errors"))
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }

    /// Its process.
    var identifier: pid_t { process.processIdentifier }

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
