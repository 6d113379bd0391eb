import CurlTransport
import Foundation
import TestSupport
import Workflow

@testable import HealthChecks

/// Something guarded by a lock, for scripts that tests change and probes read.
final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func with<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.withLock { body(&value) }
    }
}

/// A network whose answers are given one after another; the last one repeats, and `nil` hangs until cancelled.
struct ScriptedNetwork: NetworkProbing {
    typealias Answer = Result<HTTPResponse, TransportError>

    let requests = Guarded<[HTTPRequest]>([])
    let exchanges = Guarded<[RawExchange]>([])
    let datagrams = Guarded<[DatagramExchange]>([])
    /// Answers datagrams; by default nobody does.
    var respond: @Sendable (DatagramExchange) -> Result<DatagramResult, TransportError> = { _ in
        .failure(TransportError(code: .timeout, detail: "no answer in time"))
    }
    private let answers: Guarded<[Answer?]>

    init(_ answers: Answer?...) { self.answers = Guarded(answers) }
    init(list answers: [Answer]) { self.answers = Guarded(answers) }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        requests.with { $0.append(request) }
        return try await next().get()
    }

    func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult {
        exchanges.with { $0.append(exchange) }
        let response = try await next().get()
        return RawExchangeResult(
            received: response.body, timings: response.timings, remoteAddress: response.remoteAddress,
            certificates: response.certificates)
    }

    func datagram(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult {
        datagrams.with { $0.append(exchange) }
        return try respond(exchange).get()
    }

    private func next() async -> Answer {
        let answer = answers.with { $0.count > 1 ? $0.removeFirst() : $0.first ?? nil }
        if let answer { return answer }
        try? await ManualClock().sleep(for: .hours(1))
        return .failure(TransportError(code: .cancelled, detail: "cancelled"))
    }
}

/// A runner with one answer for every command.
struct ScriptedRunner: CommandRunner {
    let commands = Guarded<[Command]>([])
    var answer: Result<CommandResult, CommandError> = .failure(CommandError(.unreachable, detail: "no runner"))

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        commands.with { $0.append(command) }
        return try answer.get()
    }
}

/// A runner of real processes, without any limit: for commands that end by themselves.
struct ProcessRunner: CommandRunner {
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command.arguments[0])
        process.arguments = Array(command.arguments.dropFirst())
        process.environment = command.environment
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        do {
            try process.run()
        } catch {
            throw CommandError(.notFound, detail: "\(command.arguments[0]) cannot be run")
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errorText = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let status = process.terminationStatus
        return CommandResult(
            termination: process.terminationReason == .exit ? .exited(status) : .signalled(status), output: text,
            errorOutput: errorText)
    }
}

/// An inspector with one answer.
struct ScriptedInspector: PatchInspector {
    var answer: Result<PatchStatus, PatchInspectionError> = .success(PatchStatus(pending: [], rebootRequired: false))

    func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus {
        try answer.get()
    }

    func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts {
        throw PatchInspectionError(.commandFailed, detail: "not scripted")
    }
}
