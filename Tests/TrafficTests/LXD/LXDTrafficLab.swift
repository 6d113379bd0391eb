import CurlTransport
import Foundation
import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Traffic

/// Instances on the real server that `scripts/lxd-lab` starts; what `lxc` says of them is the oracle.
struct LXDTrafficLab: Sendable {
    let first: String
    let second: String
    let volume: String
    let traffic: LXDTraffic

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs a body with two running instances, and deletes them whatever happens.
    static func withInstances(_ body: (LXDTrafficLab) async throws -> Void) async throws {
        let transport = try CurlTransport()
        let settings = LXDSettings(endpoint: .socket(try #require(RealLXD.socket)))
        let client = LXDClient(settings: settings, transport: transport, clock: LiveClock())
        let mark = UUID().uuidString.prefix(6).lowercased()
        let lab = LXDTrafficLab(
            first: "run-\(mark)-a", second: "run-\(mark)-b", volume: "run-\(mark)",
            traffic: LXDTraffic(client: client, clock: LiveClock(), commands: { LXCRunner(name: $0.rawValue) }))
        let result: Result<Void, any Error>
        do {
            for name in [lab.first, lab.second] { try await lab.launch(name) }
            result = .success(try await body(lab))
        } catch {
            result = .failure(error)
        }
        for name in [lab.first, lab.second] { _ = try? await lab.lxc("delete", "-f", name) }
        _ = try? await lab.lxc("storage", "volume", "delete", "default", lab.volume)
        await transport.shutdown()
        try result.get()
    }

    private func launch(_ name: String) async throws {
        try await lxc("launch", "changeover-debian", name)
        try await eventually("\(name) serves") { try await whoAnswers(addresses(of: name).first ?? "") == name }
    }

    @discardableResult
    func lxc(_ arguments: String...) async throws -> String {
        let result = try await LXCRunner.lxc(arguments, input: "")
        guard result.exitCode == 0 else { throw Failed(description: "lxc \(arguments): \(result.errorOutput)") }
        return result.output
    }

    @discardableResult
    func inside(_ name: String, _ script: String) async throws -> String {
        try await lxc("exec", "-T", name, "--", "sh", "-c", script)
    }

    func addresses(of name: String) async throws -> [String] {
        try await inside(name, "ip -o -4 address show dev eth0").split(separator: "\n")
            .compactMap { $0.split(separator: " ").dropFirst(3).first?.split(separator: "/").first.map(String.init) }
    }

    /// Which instance answers at a host and port; `nil` when none does within a second.
    func whoAnswers(_ place: String) async throws -> String? {
        let result = try await LXCRunner.run(["/usr/bin/curl", "-s", "-m", "1", "http://\(place)/"], input: "")
        // The server of the lab's image begins with its host's name.
        return result.exitCode == 0 ? result.output.split(separator: " ").first.map(String.init) : nil
    }

    func change(_ action: TrafficChange.Action, _ name: String) -> TrafficChange {
        TrafficChange(action, instance: InstanceID(name), address: nil)
    }

    /// Whether something of Changeover's stands in an instance's configuration.
    func hasLeftovers(_ name: String) async throws -> Bool {
        try await lxc("config", "show", name).contains("changeover:")
    }
}

/// The real clock.
private struct LiveClock: WorkflowClock {
    private static let start = ContinuousClock.now

    func wallTime() -> WallTime { WallTime(milliseconds: 0) }
    func monotonicMilliseconds() -> Int64 {
        let passed = ContinuousClock.now - Self.start
        return passed.components.seconds * 1000 + passed.components.attoseconds / 1_000_000_000_000_000
    }
    func sleep(for span: Span) async throws { try await ContinuousClock().sleep(for: span.duration) }
}

/// Runs commands on an instance with the program `lxc`.
private struct LXCRunner: CommandRunner {
    let name: String

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let result: CommandResult
        do {
            result = try await Self.lxc(["exec", "-T", name, "--"] + command.arguments, input: command.input)
        } catch {
            throw CommandError(.unreachable, detail: "\(error)")
        }
        if result.errorOutput.contains("Error:") { throw CommandError(.unreachable, detail: result.errorOutput) }
        return result
    }

    static func lxc(_ arguments: [String], input: String) async throws -> CommandResult {
        try await run(["/usr/bin/lxc"] + arguments, input: input)
    }

    static func run(_ arguments: [String], input: String) async throws -> CommandResult {
        let process = Process()
        let (reading, output, error) = (Pipe(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        process.environment = ["LXD_DIR": RealLXD.folder, "HOME": RealLXD.folder, "PATH": "/usr/bin:/bin"]
        process.standardInput = reading
        process.standardOutput = output
        process.standardError = error
        try process.run()
        try? reading.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errors = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return CommandResult(termination: .exited(process.terminationStatus), output: text, errorOutput: errors)
    }
}
