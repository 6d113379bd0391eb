import AWSClient
import Foundation
import TestSupport
import Testing
import Workflow

@testable import Providers

/// A runner that prints what it is told to and counts how often it was asked.
private final class ReportingRunner: CommandRunner {
    let count = LockedValue(0)
    let output: String

    init(_ output: String) { self.output = output }

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        count.withLock { $0 += 1 }
        return CommandResult(termination: .exited(0), output: output, errorOutput: "")
    }
}

@Suite("How far first boot has come", .timeLimit(.minutes(5)))
struct EC2FirstBootTests {
    private let clock = ManualClock()
    private let id = InstanceID("i-1")

    private func fake(
        tag: String = "script", console: String = "", status: String = "ok", state: Int = 16
    ) -> FakeAWS {
        FakeAWS(query: { call throws(AWSError) in
            switch call.action {
            case "DescribeInstances":
                return instancesAnswer([instanceItem("i-1", state: state, tags: [EC2Property.firstBootTag: tag])])
            case "GetConsoleOutput":
                return element("R", ["output": Data(console.utf8).base64EncodedString()])
            case "DescribeInstanceStatus":
                let item = element(
                    "item", ["instanceId": "i-1"],
                    [element("systemStatus", ["status": status]), element("instanceStatus", ["status": "ok"])])
                return element("R", [:], [element("instanceStatusSet", [:], [item])])
            default: throw FakeAWS.failure("Unexpected", call.action)
            }
        })
    }

    private func status(_ cloud: EC2Provider) async throws -> FirstBootStatus {
        let id = id
        return try await moving(clock) { try await cloud.firstBoot(of: id) }
    }

    @Test("Without a script of ours a running instance has finished, one that is gone has failed")
    func noScript() async throws {
        #expect(try await status(provider(fake(tag: "none"), clock: clock)) == .finished)
        #expect(
            try await status(provider(fake(state: 0), clock: clock)) == .running(detail: "i-1 is pending"))
        #expect(
            try await status(provider(fake(state: 48), clock: clock)) == .failed(reason: "i-1 is terminated"))
    }

    @Test("The console's last line counts, and is read at most every 15 s")
    func console() async throws {
        let fake = fake(console: "changeover: first-boot running a\nchangeover: first-boot running b\n")
        let cloud = provider(fake, clock: clock)
        for _ in 0..<5 {
            #expect(try await status(cloud) == .running(detail: "b"))
            clock.advance(by: .seconds(2))
        }
        #expect(fake.actions.filter { $0 == "GetConsoleOutput" }.count == 1)
        #expect(fake.actions.filter { $0 == "DescribeInstanceStatus" }.count == 1)
        clock.advance(by: .seconds(15))
        _ = try await status(cloud)
        #expect(fake.actions.filter { $0 == "GetConsoleOutput" }.count == 2)
        let done = provider(self.fake(console: "changeover: first-boot finished x\n"), clock: clock)
        #expect(try await status(done) == .finished)
    }

    @Test("An impaired status check is told, and fails first boot after five minutes")
    func impaired() async throws {
        let cloud = provider(fake(console: "", status: "impaired"), clock: clock)
        guard case .running(let detail) = try await status(cloud) else {
            Issue.record("it is not running")
            return
        }
        #expect(detail.contains("system status check is impaired"))
        clock.advance(by: .seconds(299))
        guard case .running = try await status(cloud) else {
            Issue.record("it failed early")
            return
        }
        clock.advance(by: .seconds(2))
        guard case .failed = try await status(cloud) else {
            Issue.record("it goes on for ever")
            return
        }
    }

    @Test("By command, asked at most every five seconds")
    func command() async throws {
        let runner = ReportingRunner("cloud-init running")
        let cloud = EC2Provider(
            settings: EC2Provider.Settings(commands: .ssh(SSHSettings(user: "admin"))), calling: fake(), clock: clock,
            ssh: { _, _, _ in runner })
        _ = try await status(cloud)
        _ = try await status(cloud)
        #expect(runner.count.withLock { $0 } == 1)
        clock.advance(by: .seconds(5))
        _ = try await status(cloud)
        #expect(runner.count.withLock { $0 } == 2)
    }

    @Test("Without a way to run commands the runner says so")
    func noCommands() async throws {
        let cloud = provider(fake(), clock: clock)
        let instance = try EC2InstanceDecoder.instance(from: instanceItem())
        let error = await #expect(throws: CommandError.self) {
            try await cloud.commandRunner(for: instance).run(Command(["true"]))
        }
        #expect(error?.code == .unreachable && error?.detail.contains("commands: none") == true)
    }

    @Test("Of a long console the newest 256 KiB are kept")
    func longConsole() async throws {
        let text = String(repeating: "x", count: 300_000) + "end"
        let output = try await provider(fake(console: text), clock: clock).consoleOutput(of: id)
        #expect(output.utf8.count == 256 * 1024 && output.hasSuffix("end"))
    }
}
