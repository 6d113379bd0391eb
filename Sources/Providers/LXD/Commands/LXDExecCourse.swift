import LXDClient
import Workflow

/// How one command goes on, without doing anything itself: takes what happens and says what is to be done.
struct LXDExecCourse {
    /// What can happen.
    enum Happening: Sendable {
        /// The exec was asked for and its sockets are connected, or that failed.
        case opened(Result<LXDExecSockets, LXDError>)
        /// A stream was read as far as there are reports, or to its end.
        case read(LXDExecReader, [LXDExecReport])
        /// The server says how the exec ended, or nothing can be learned of that.
        case finished(Result<LXDOperation, LXDError>)
        /// The command's time is over.
        case deadline
        /// Nobody wants the command any more.
        case cancelled
        /// What might still have come had time enough to come.
        case settled
        /// Nothing of interest.
        case other
    }

    /// What is to be done.
    enum Action: Sendable {
        /// Read a stream as far as there are reports, or to its end.
        case read(LXDExecReader)
        /// Send the command its input.
        case write
        /// Take what comes on the control socket.
        case watch
        /// Wait until the server says how the exec ended.
        case wait
        /// Have the command's process group ended.
        case end
        /// Let this time pass for what may still come.
        case settle(Span)
    }

    /// How long output may take to come after the command itself, which may have left others with its streams.
    static let drainTime = Span.seconds(2)
    /// How long ending a process group may take: a second until it is killed, and some for the way.
    static let endingTime = Span.milliseconds(2_500)
    /// How long the server may take to say how an exec ended whose streams are over, and the other way round.
    static let lagTime = Span.seconds(5)

    private enum Reason {
        case deadline
        case cancelled
    }

    let instance: String
    let command: Command
    let marker: String
    /// Whether the exec has begun.
    private(set) var isOpen = false
    private var failure: LXDError?
    private var hasStarted = false
    private var problem: LXDExecReport?
    private var code: Int32?
    private var output: LXDExecReader?
    private var errorOutput: LXDExecReader?
    private var operation: Result<LXDOperation, LXDError>?
    private var reason: Reason?
    private var isSettled = false

    init(instance: String, command: Command, marker: String) {
        self.instance = instance
        self.command = command
        self.marker = marker
    }

    /// Whether nothing needs to be waited for any more.
    var isOver: Bool {
        if isSettled || failure != nil { return true }
        if !isOpen { return reason != nil }
        return operation != nil && output?.ending != nil && errorOutput?.ending != nil
    }

    /// Takes in what happened.
    mutating func take(_ happening: Happening) -> [Action] {
        switch happening {
        case .opened(.failure(let error)):
            failure = error
            return []
        case .opened(.success(let sockets)): return open(sockets)
        case .read(let reader, let reports): return take(reader, reports)
        case .finished(let result):
            operation = result
            return [.settle(Self.lagTime)]
        case .deadline:
            // A command that has ended in time only has its last output read.
            guard reason == nil, code == nil else { return [] }
            reason = .deadline
            return isOpen ? [.end, .settle(Self.endingTime)] : []
        case .cancelled:
            reason = .cancelled
            return isOpen ? [.end, .settle(Self.endingTime)] : []
        case .settled:
            isSettled = true
            return []
        case .other: return []
        }
    }

    private mutating func open(_ sockets: LXDExecSockets) -> [Action] {
        isOpen = true
        let limit = command.outputLimitBytes
        return [
            .read(LXDExecReader(sockets.output, isError: false, limit: limit, marker: nil)),
            .read(LXDExecReader(sockets.errorOutput, isError: true, limit: limit, marker: marker)),
            .write, .watch, .wait,
        ]
    }

    private mutating func take(_ reader: LXDExecReader, _ reports: [LXDExecReport]) -> [Action] {
        if reader.isError { errorOutput = reader } else { output = reader }
        var actions: [Action] = []
        for report in reports {
            switch report {
            case .started: hasStarted = true
            case .missing, .refused, .bare: problem = report
            case .ended(let code):
                self.code = code
                actions.append(.settle(Self.drainTime))
            }
        }
        if reader.ending == nil { return actions + [.read(reader)] }
        // A stream that broke off says that the connection is lost, unless the server can say more.
        return actions + [.settle(Self.lagTime)]
    }

    /// How the command ended, once the course is over and every reader was taken back.
    func outcome() -> Result<CommandResult, CommandError> {
        let program = command.arguments.first ?? ""
        if reason == .cancelled { return .failure(CommandError(.cancelled, detail: "\(program) was cancelled")) }
        if let failure { return .failure(Self.error(failure, on: instance)) }
        if reason == .deadline {
            return hasStarted
                ? .success(result(.timedOut))
                : unreachable("\(program) had not started after \(command.timeout.text)")
        }
        switch problem {
        case .missing: return .failure(CommandError(.notFound, detail: "\(instance): no program \(program)"))
        case .refused:
            return .failure(CommandError(.notPermitted, detail: "\(instance): \(program) is not executable"))
        case .bare:
            return .failure(
                CommandError(.notFound, detail: "\(instance): no program timeout, which commands are run by"))
        case .started, .ended, nil: break
        }
        if let problem = breakage() { return unreachable("the connection broke while \(program) ran: \(problem)") }
        if let code { return .success(result(.exited(code))) }
        return withoutReport(program)
    }

    /// Why not all output was read; `nil` when it was, or when only what the command left behind was not waited for.
    private func breakage() -> String? {
        for reader in [output, errorOutput] {
            switch reader?.ending {
            case .failed(let error) where !(isSettled && code != nil && error.code == .cancelled): return "\(error)"
            case .closed:
                // The server ends an exec once it has handed on all output.
                if case .success = operation { continue }
                return "its output was cut off"
            case .complete, .failed, nil: continue
            }
        }
        return nil
    }

    /// What became of a command whose end the script did not report.
    private func withoutReport(_ program: String) -> Result<CommandResult, CommandError> {
        switch operation {
        case .failure(let error)?: return .failure(Self.error(error, on: instance))
        case .success(let operation)?:
            let code = operation.exitCode.map { "\($0)" } ?? "unknown"
            return hasStarted
                ? unreachable(
                    "\(program) was ended from outside (exit code \(code)): the instance was stopped or restarted, or "
                        + "its memory ran out")
                : .failure(
                    CommandError(.notFound, detail: "\(instance): no shell sh that runs commands (exit code \(code))"))
        case nil: return unreachable("the connection was lost while \(program) ran")
        }
    }

    private func unreachable(_ detail: String) -> Result<CommandResult, CommandError> {
        .failure(CommandError(.unreachable, detail: "\(instance): \(detail)"))
    }

    private func result(_ termination: CommandResult.Termination) -> CommandResult {
        CommandResult(
            termination: termination, output: output?.text ?? "", errorOutput: errorOutput?.text ?? "",
            isTruncated: output?.isTruncated == true || errorOutput?.isTruncated == true)
    }

    /// Puts a server's error into the terms of commands.
    static func error(_ error: LXDError, on instance: String) -> CommandError {
        if error.code == .cancelled {
            return CommandError(.cancelled, detail: "the command on \(instance) was cancelled")
        }
        return CommandError(.unreachable, detail: "no command can be run on \(instance): \(error)")
    }
}

extension LXDOperation {
    /// The exit code of an exec that has ended.
    var exitCode: Int? {
        guard case .object(let values) = metadata, case .integer(let code) = values["return"] else { return nil }
        return code
    }
}
