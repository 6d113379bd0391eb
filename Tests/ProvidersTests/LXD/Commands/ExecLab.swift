import CurlTransport
import Foundation
import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

/// An instance on the real server that `scripts/lxd-lab` starts, on which commands are run.
struct ExecLab: Sendable {
    let name: String
    let client: LXDClient
    let clock = SystemTestClock()
    private let transport: CurlTransport

    var runner: LXDCommandRunner { LXDCommandRunner(client: client, instance: name, clock: clock) }

    /// Runs a body with an instance, and deletes it whatever happens.
    static func withInstance(_ body: (ExecLab) async throws -> Void) async throws {
        let transport = try CurlTransport()
        let settings = LXDSettings(endpoint: .socket(try #require(RealLXD.socket)))
        let client = LXDClient(settings: settings, transport: transport, clock: SystemTestClock())
        let lab = ExecLab(
            name: "run-\(UUID().uuidString.prefix(8).lowercased())", client: client, transport: transport)
        let result: Result<Void, any Error>
        do {
            try await lab.launch()
            result = .success(try await body(lab))
        } catch {
            result = .failure(error)
        }
        try? await lab.state("stop")
        try await client.perform(.delete, .instance(lab.name), within: .minutes(1))
        await transport.shutdown()
        try result.get()
    }

    private func launch() async throws {
        let source = LXDValue.object(["type": .text("image"), "alias": .text("changeover-debian")])
        try await client.perform(
            .post, LXDResource("instances"), .object(["name": .text(name), "source": source]), within: .minutes(2))
        try await state("start")
    }

    func state(_ action: String) async throws {
        try await client.perform(
            .put, LXDResource("instances", name, "state"),
            .object(["action": .text(action), "timeout": .integer(30), "force": .boolean(action == "stop")]),
            within: .minutes(1))
    }

    /// Waits until no process of the instance has a text among its arguments; the search itself does not count.
    func expectGone(_ mark: String) async throws {
        try await eventually("all gone") {
            try await runner.run(
                Command(["sh", "-c", "grep -lF \"$MARK\" /proc/[0-9]*/cmdline"], environment: ["MARK": mark])
            )
            .output.isEmpty
        }
    }
}
