import AWSClient
import Foundation
import TestSupport
import Testing
import Workflow

@testable import Providers

/// SSM and an agent: runs the lines that it is sent by a shell of this machine and cuts what they print as SSM does.
private final class FakeSSM: Sendable {
    struct Sent: Decodable {
        var Parameters: [String: [String]]
        var InstanceIds: [String]
        var DocumentName: String
    }

    struct Run: Sendable {
        var output: String
        var error: String
        var code: Int32
    }

    let lines = LockedValue<[String]>([])
    let runs = LockedValue<[Run?]>([])
    let looks = LockedValue<[String: Int]>([:])
    let actions = LockedValue<[String]>([])
    /// What GetCommandInvocation answers before the result.
    let before: [String]
    let runsCommands: Bool

    init(before: [String] = [], runsCommands: Bool = true) {
        self.before = before
        self.runsCommands = runsCommands
    }

    var fake: FakeAWS {
        FakeAWS(json: { call throws(AWSError) in
            self.actions.withLock { $0.append(call.action) }
            switch call.action {
            case "SendCommand": return try await self.send(call.body)
            case "GetCommandInvocation": return try self.look(call.body)
            case "CancelCommand": return "{}"
            default: throw FakeAWS.failure("Unexpected")
            }
        })
    }

    private func send(_ body: [UInt8]) async throws(AWSError) -> String {
        guard let sent = try? JSONDecoder().decode(Sent.self, from: Data(body)),
            let line = sent.Parameters["commands"]?.first, sent.DocumentName == "AWS-RunShellScript"
        else { throw FakeAWS.failure("InvalidParameters") }
        lines.withLock { $0.append(line) }
        var run: Run?
        if runsCommands {
            let result = try? await ControllerCommandRunner().run(Command(["sh", "-c", line], timeout: .seconds(20)))
            run = Run(output: result?.output ?? "", error: result?.errorOutput ?? "", code: result?.exitCode ?? -1)
        }
        let number = runs.withLock { runs in
            runs.append(run)
            return runs.count - 1
        }
        return "{\"Command\":{\"CommandId\":\"\(number)\"}}"
    }

    private func look(_ body: [UInt8]) throws(AWSError) -> String {
        guard let request = try? JSONDecoder().decode([String: String].self, from: Data(body)),
            let id = request["CommandId"], let number = Int(id)
        else { throw FakeAWS.failure("InvalidCommandId") }
        let count = looks.withLock { looks in
            looks[id, default: -1] += 1
            return looks[id] ?? 0
        }
        if count < before.count {
            if before[count] == "InvocationDoesNotExist" { throw FakeAWS.failure(before[count]) }
            return "{\"Status\":\"\(before[count])\",\"StatusDetails\":\"\(before[count])\"}"
        }
        guard let run = runs.withLock({ $0[number] }) else { return "{\"Status\":\"InProgress\"}" }
        let content = [
            "Status": run.code == 0 ? "Success" : "Failed",
            "StandardOutputContent": String(run.output.prefix(24_000)), "StandardErrorContent": run.error,
        ]
        return String(decoding: (try? JSONEncoder().encode(content)) ?? Data(), as: UTF8.self)
    }
}

@Suite("Commands through SSM, on a real shell", .timeLimit(.minutes(5)))
struct SSMCommandRunnerTests {
    private let clock = ManualClock()

    private func run(_ command: Command, _ ssm: FakeSSM = FakeSSM()) async throws -> CommandResult {
        let runner = SSMCommandRunner(instance: InstanceID("i-1"), calling: ssm.fake, clock: clock)
        return try await moving(clock) { try await runner.run(command) }
    }

    /// The folder that a line works in.
    private static func folder(of line: String) -> String? {
        let script = line.split(separator: " ").dropFirst(2).first.flatMap { Data(base64Encoded: String($0)) }
        return script.flatMap { data in
            String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("d=") }
                .map { String($0.dropFirst(2)) }
        }
    }

    @Test("Arguments, variables and input arrive as they are")
    func exact() async throws {
        let odd = ["a b", "'", "\"$HOME\"", "`id`", "$(id)", "{{ ssm:secret }}", "", "*", "ä\nö", "\\", "-n"]
        let ssm = FakeSSM()
        let program = "import os,sys,json; print(json.dumps([sys.argv[1:], os.environ['ODD'], sys.stdin.read()]))"
        let result = try await run(
            Command(["python3", "-c", program] + odd, environment: ["ODD": "'x' {{y}}\n$z"], input: "in\n'put"), ssm)
        #expect(result.termination == .exited(0), "\(result.errorOutput)")
        struct Seen: Decodable, Equatable {
            var arguments: [String]
            var variable: String
            var input: String
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                arguments = try list.decode([String].self)
                variable = try list.decode(String.self)
                input = try list.decode(String.self)
            }
        }
        let seen = try JSONDecoder().decode(Seen.self, from: Data(result.output.utf8))
        #expect(seen.arguments == odd)
        #expect(seen.variable == "'x' {{y}}\n$z")
        #expect(seen.input == "in\n'put")
        for line in ssm.lines.withLock({ $0 }) { #expect(!line.contains("{{") && !line.contains("ssm:secret")) }
        #expect(ssm.lines.withLock { $0.count } == 1)
    }

    @Test("Both streams, codes and signals come back; lines are handed on")
    func results() async throws {
        let ssm = FakeSSM(before: ["InvocationDoesNotExist", "Pending", "InProgress", "Delayed"])
        let runner = SSMCommandRunner(instance: InstanceID("i-1"), calling: ssm.fake, clock: clock)
        let lines = LockedValue<[CommandLineOutput]>([])
        let result = try await moving(clock) {
            try await runner.run(Command(["sh", "-c", "echo one; echo; echo two >&2; exit 7"])) { line in
                lines.withLock { $0.append(line) }
            }
        }
        #expect(result == CommandResult(termination: .exited(7), output: "one\n\n", errorOutput: "two\n"))
        #expect(
            lines.withLock { $0 } == [
                CommandLineOutput(isError: false, text: "one"), CommandLineOutput(isError: false, text: ""),
                CommandLineOutput(isError: true, text: "two"),
            ])
        #expect(try await run(Command(["sh", "-c", "kill -TERM $$"])).termination == .signalled(15))
        #expect(try await run(Command(["true"])).output.isEmpty)
    }

    @Test("A command that takes too long is killed with its children")
    func timeout() async throws {
        let result = try await run(
            Command(["sh", "-c", "echo begun; sleep 60 & sleep 60"], timeout: .milliseconds(300)))
        #expect(result.termination == .timedOut)
        #expect(result.output == "begun\n")
    }

    @Test("A missing program and one that may not be executed are told apart from failures")
    func missing() async throws {
        let missing = await #expect(throws: CommandError.self) { try await run(Command(["no-such-program-x"])) }
        #expect(missing?.code == .notFound)
        let plain = "/tmp/changeover-plain-\(UUID().uuidString)"
        try Data("#!/bin/sh\n".utf8).write(to: URL(fileURLWithPath: plain))
        defer { try? FileManager.default.removeItem(atPath: plain) }
        let refused = await #expect(throws: CommandError.self) { try await run(Command([plain])) }
        #expect(refused?.code == .notPermitted)
        #expect(try await run(Command(["sh", "-c", "exit 127"])).termination == .exited(127))
    }

    @Test("Results larger than SSM returns at once come in parts, up to the limit")
    func large() async throws {
        let ssm = FakeSSM()
        let program =
            "import random,sys; r=random.Random(1); "
            + "sys.stdout.write(''.join(chr(r.randrange(33,127)) for _ in range(60000)))"
        let whole = try await run(Command(["python3", "-c", program]), ssm)
        #expect(whole.output.utf8.count == 60_000 && !whole.isTruncated)
        #expect(ssm.lines.withLock { $0.count } > 2)
        let cut = try await run(Command(["python3", "-c", program], outputLimitBytes: 1000))
        #expect(cut.isTruncated && cut.output == String(whole.output.prefix(1000)))
        for line in ssm.lines.withLock({ $0 }) {
            let folder = try #require(Self.folder(of: line))
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test("Without an agent the reason says what to look at")
    func noAgent() async throws {
        let fake = FakeAWS(json: { call throws(AWSError) in throw FakeAWS.failure("InvalidInstanceId") })
        let runner = SSMCommandRunner(instance: InstanceID("i-1"), calling: fake, clock: clock)
        let error = await #expect(throws: CommandError.self) { try await runner.run(Command(["true"])) }
        #expect(error?.code == .unreachable)
        #expect(error?.detail.contains("no SSM agent registered") == true)
    }

    @Test("What SSM could not deliver is unreachable", arguments: ["Undeliverable", "Cancelled", "DeliveryTimedOut"])
    func undelivered(_ status: String) async throws {
        let fake = FakeAWS(json: { call throws(AWSError) in
            switch call.action {
            case "SendCommand": return "{\"Command\":{\"CommandId\":\"1\"}}"
            case "GetCommandInvocation":
                let plain = status == "DeliveryTimedOut" ? "TimedOut" : status
                return "{\"Status\":\"\(plain)\",\"StatusDetails\":\"\(status)\"}"
            default: return "{}"
            }
        })
        let runner = SSMCommandRunner(instance: InstanceID("i-1"), calling: fake, clock: clock)
        let error = await #expect(throws: CommandError.self) {
            try await moving(clock) { try await runner.run(Command(["true"])) }
        }
        #expect(error?.code == .unreachable)
    }

    @Test("Cancelling ends the command")
    func cancelled() async throws {
        let ssm = FakeSSM(runsCommands: false)
        let fake = ssm.fake
        let runner = SSMCommandRunner(instance: InstanceID("i-1"), calling: fake, clock: clock)
        let task = Task { try await runner.run(Command(["sleep", "60"])) }
        try await clock.waitForSleepers(1)
        task.cancel()
        let error = await #expect(throws: CommandError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(ssm.actions.withLock { $0 } == ["SendCommand", "CancelCommand", "SendCommand"])
    }

    @Test("An agent that never answers is given up")
    func silent() async throws {
        let ssm = FakeSSM(runsCommands: false)
        let error = await #expect(throws: CommandError.self) {
            try await run(Command(["true"], timeout: .seconds(5)), ssm)
        }
        #expect(error?.code == .unreachable)
        #expect(ssm.actions.withLock { $0.contains("CancelCommand") })
    }
}
