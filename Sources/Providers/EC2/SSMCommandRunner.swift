public import AWSClient
import Foundation
public import Workflow

/// Runs commands on one instance through AWS Systems Manager (SendCommand with AWS-RunShellScript).
///
/// Commands run as root. Lines are handed on when the command has ended, since SSM shows no output before.
public struct SSMCommandRunner: CommandRunner {
    /// How long SSM tries to hand a command to the agent, in seconds; 30 is the least that it takes.
    private static let deliverySeconds: Int64 = 30

    private let instance: InstanceID
    private let client: any AWSCalling
    private let clock: any WorkflowClock

    /// Creates a runner of commands on `instance`.
    public init(instance: InstanceID, client: AWSClient, clock: any WorkflowClock) {
        self.init(instance: instance, calling: client, clock: clock)
    }

    init(instance: InstanceID, calling client: any AWSCalling, clock: any WorkflowClock) {
        self.instance = instance
        self.client = client
        self.clock = clock
    }

    /// Runs a command on the instance; see `CommandRunner`.
    public func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let script = SSMScript(run: UUID().uuidString)
        let first = try await perform(script.line(running: command), timeout: command.timeout, script: script)
        guard var result = SSMResult(first.output) else {
            if first.hasTimedOut { return CommandResult(termination: .timedOut, output: "", errorOutput: "") }
            throw CommandError(
                .unreachable, detail: "SSM ran the command on \(instance) without a result: \(first.problem)")
        }
        while result.frame.utf8.count < result.total {
            let line = script.line(fetchingFrom: result.frame.utf8.count)
            let next = try await perform(line, timeout: .seconds(60), script: script)
            guard result.append(next.output) else {
                throw CommandError(
                    .unreachable, detail: "SSM returned only part of the result from \(instance): \(next.problem)")
            }
        }
        let finished = try result.commandResult(
            limitBytes: max(0, command.outputLimitBytes), program: command.arguments.first ?? "")
        for (text, isError) in [(finished.output, false), (finished.errorOutput, true)] {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            // After the last line feed there is no line.
            for line in lines.dropLast(lines.last?.isEmpty == true ? 1 : 0) {
                onLine(CommandLineOutput(isError: isError, text: String(line)))
            }
        }
        return finished
    }

    /// How one SendCommand ended.
    private struct Ending {
        var output: String
        var problem: String
        var hasTimedOut: Bool
    }

    private func perform(_ line: String, timeout: Span, script: SSMScript) async throws(CommandError) -> Ending {
        let id = try await send(line, timeout: timeout)
        do throws(CommandError) {
            return try await waitForEnd(of: id, within: timeout + .seconds(Self.deliverySeconds + 30))
        } catch {
            await end(id, script: script)
            throw error
        }
    }

    private struct SendRequest: Encodable {
        var DocumentName = "AWS-RunShellScript"
        var InstanceIds: [String]
        var Parameters: [String: [String]]
        var TimeoutSeconds: Int64
        var Comment = "Changeover"
    }

    private struct SendAnswer: Decodable {
        struct Sent: Decodable { var CommandId: String }
        var Command: Sent
    }

    private func send(_ line: String, timeout: Span) async throws(CommandError) -> String {
        // The script ends the command itself; this is for a script that hangs.
        let seconds = (timeout.milliseconds + 999) / 1000 + 20
        let request = SendRequest(
            InstanceIds: [instance.rawValue],
            Parameters: ["commands": [line], "executionTimeout": ["\(seconds)"]],
            TimeoutSeconds: Self.deliverySeconds)
        let answer: SendAnswer = try await call("SendCommand", request, repetition: .effective)
        return answer.Command.CommandId
    }

    private struct InvocationRequest: Encodable {
        var CommandId: String
        var InstanceId: String
    }

    private struct InvocationAnswer: Decodable {
        var Status: String
        var StatusDetails: String?
        var ResponseCode: Int?
        var StandardOutputContent: String?
        var StandardErrorContent: String?
    }

    private func waitForEnd(of id: String, within limit: Span) async throws(CommandError) -> Ending {
        let request = InvocationRequest(CommandId: id, InstanceId: instance.rawValue)
        let start = clock.monotonicMilliseconds()
        var pause: Int64 = 200
        while clock.monotonicMilliseconds() - start < limit.milliseconds {
            do { try await clock.sleep(for: .milliseconds(pause)) } catch {
                throw CommandError(.cancelled, detail: "the command on \(instance) was cancelled")
            }
            pause = min(pause * 3 / 2, 2000)
            if let ending = try await look(request) { return ending }
        }
        throw CommandError(.unreachable, detail: "SSM did not end the command on \(instance) within \(limit.text)")
    }

    /// `nil` while the command goes on.
    private func look(_ request: InvocationRequest) async throws(CommandError) -> Ending? {
        let answer: InvocationAnswer
        do throws(AWSError) {
            answer = try await decoded("GetCommandInvocation", request, repetition: .harmless)
        } catch {
            // Right after sending SSM may not know the command yet; and a read that failed says nothing of it.
            if error.serviceCode == "InvocationDoesNotExist" || error.isRetryable { return nil }
            throw commandError(error)
        }
        switch answer.Status {
        case "Pending", "InProgress", "Delayed", "Cancelling": return nil
        case "Success", "Failed":
            if answer.StatusDetails == "Undeliverable" || answer.StatusDetails == "Terminated" { break }
            let problem = (answer.StandardErrorContent ?? "").suffix(300)
            return Ending(
                output: answer.StandardOutputContent ?? "",
                problem: "exit code \(answer.ResponseCode ?? -1) \(problem)", hasTimedOut: false)
        case "TimedOut":
            if answer.StatusDetails != "DeliveryTimedOut" && answer.StatusDetails != "Delivery Timed Out" {
                return Ending(output: answer.StandardOutputContent ?? "", problem: "timed out", hasTimedOut: true)
            }
        default: break
        }
        throw CommandError(
            .unreachable,
            detail: "SSM could not run the command on \(instance): \(answer.StatusDetails ?? answer.Status); "
                + "is the instance running and its agent online?")
    }

    private struct CancelRequest: Encodable {
        var CommandId: String
        var InstanceIds: [String]
    }

    private struct NoAnswer: Decodable {}

    /// Ends what still runs, in a task of its own, since this one may be cancelled.
    private func end(_ id: String, script: SSMScript) async {
        await Task {
            let cancel = CancelRequest(CommandId: id, InstanceIds: [instance.rawValue])
            let _: NoAnswer? = try? await decoded("CancelCommand", cancel, repetition: .harmless)
            _ = try? await send(script.endingLine, timeout: .seconds(20))
        }.value
    }

    private func call<Answer: Decodable>(
        _ action: String, _ request: some Encodable, repetition: AWSCall.Repetition
    ) async throws(CommandError) -> Answer {
        do throws(AWSError) { return try await decoded(action, request, repetition: repetition) } catch {
            throw commandError(error)
        }
    }

    private func decoded<Answer: Decodable>(
        _ action: String, _ request: some Encodable, repetition: AWSCall.Repetition
    ) async throws(AWSError) -> Answer {
        let body = (try? JSONEncoder().encode(request)) ?? Data()
        let answer = try await client.json(AWSCall(.ssm, action, json: [UInt8](body), repetition: repetition))
        guard let decoded = try? JSONDecoder().decode(Answer.self, from: Data(answer)) else {
            throw AWSError(
                .malformedAnswer, action: action, detail: "an answer that is no such JSON", isRetryable: false)
        }
        return decoded
    }

    private func commandError(_ error: AWSError) -> CommandError {
        if error.kind == .cancelled {
            return CommandError(.cancelled, detail: "the command on \(instance) was cancelled")
        }
        let region = (try? client.region()) ?? ""
        if error.serviceCode == "InvalidInstanceId" {
            return CommandError(
                .unreachable,
                detail: "\(instance) has no SSM agent registered in \(region); check that it runs, that the agent "
                    + "runs, and that its role allows it (AmazonSSMManagedInstanceCore)")
        }
        let mapped = EC2ErrorMapping.error(error, operation: "run a command on \(instance)", region: region)
        return CommandError(.unreachable, detail: mapped.description)
    }
}
