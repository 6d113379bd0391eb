import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// A container on the real server that `scripts/lxd-lab` starts, driven by LXD's own client.
struct LXDContainer: CommandRunner {
    let name: String
    /// A folder of this machine for what the test serves or pushes.
    let folder: String

    /// Runs a body with a container of an image once it has booted, and deletes it whatever happens.
    static func use(_ image: String, _ body: (LXDContainer) async throws -> Void) async throws {
        let word = "pat-" + UUID().uuidString.prefix(8).lowercased()
        let container = LXDContainer(name: word, folder: "/tmp/chg-\(word)")
        try FileManager.default.createDirectory(atPath: container.folder, withIntermediateDirectories: true)
        let result: Result<Void, any Error>
        do {
            try await container.lxc(["init", image, word])
            try await container.lxc(["start", word])
            try await container.boot()
            result = .success(try await body(container))
        } catch {
            result = .failure(error)
        }
        try await container.lxc(["delete", "--force", word])
        try FileManager.default.removeItem(atPath: container.folder)
        try result.get()
    }

    /// Waits for the end of the boot: first for the service manager's bus, then on it.
    private func boot() async throws {
        let script = "until [ -S /run/systemd/private ]; do sleep 0.1; done; systemctl is-system-running --wait"
        let result = try await run(Command(["sh", "-c", script]))
        #expect(result.output == "running\n", "\(result.output)\(result.errorOutput)")
    }

    /// Runs a command as `lxc exec` does; the client kills nothing at the timeout, so what is asked must end by itself.
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let variables = command.environment.flatMap { ["--env", "\($0)=\($1)"] }
        return try await client(["exec", name] + variables + ["--"] + command.arguments)
    }

    /// Runs a shell script that must succeed.
    @discardableResult
    func shell(_ script: String) async throws -> String {
        let result = try await run(Command(["sh", "-ec", script]))
        guard result.exitCode == 0 else { throw Failure(text: "\(script): \(result.output) \(result.errorOutput)") }
        return result.output
    }

    /// Runs LXD's own client; it must succeed.
    func lxc(_ arguments: [String]) async throws {
        let result = try await client(arguments)
        guard result.exitCode == 0 else { throw Failure(text: "lxc \(arguments): \(result.errorOutput)") }
    }

    /// Runs a tool of this machine; it must succeed.
    func here(_ script: String) async throws {
        let path = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]
        let command = Command(["/bin/sh", "-ec", script, "sh", folder], environment: path)
        let result = try await ProcessRunner().run(command)
        guard result.exitCode == 0 else { throw Failure(text: "\(script): \(result.output) \(result.errorOutput)") }
    }

    private func client(_ arguments: [String]) async throws(CommandError) -> CommandResult {
        let variables = [
            "LXD_DIR": RealLXD.folder, "LXD_CONF": folder, "PATH": "/usr/bin:/bin", "HOME": folder,
        ]
        let command = Command(["/usr/bin/lxc"] + arguments, environment: variables)
        return try await ProcessRunner().run(command)
    }

    struct Failure: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }
}
