import Workflow

extension ProcessRequest {
    /// Creates the request for a command; the command's own variables win over `environment`.
    init(_ command: Command, environment: [String: String], folder: String?) {
        self.init(
            arguments: command.arguments,
            environment: environment.merging(command.environment) { _, own in own },
            folder: folder, input: command.input, timeoutMilliseconds: command.timeout.milliseconds,
            outputLimitBytes: command.outputLimitBytes)
    }

    /// Runs the request and puts result and error into the words of `CommandRunner`.
    func commandResult(
        onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        do {
            let outcome = try await ProcessRunner.run(self) { isError, text in
                onLine(CommandLineOutput(isError: isError, text: text))
            }
            return CommandResult(
                termination: outcome.end.termination, output: outcome.output, errorOutput: outcome.errorOutput,
                isTruncated: outcome.isTruncated)
        } catch {
            switch error {
            case .notFound(let detail): throw CommandError(.notFound, detail: detail)
            case .notPermitted(let detail): throw CommandError(.notPermitted, detail: detail)
            case .failed(let detail): throw CommandError(.unreachable, detail: detail)
            case .cancelled: throw CommandError(.cancelled, detail: "\(arguments.first ?? "command") was cancelled")
            }
        }
    }
}

extension ProcessOutcome.End {
    /// The same in the words of `CommandResult`.
    fileprivate var termination: CommandResult.Termination {
        switch self {
        case .exited(let code): .exited(code)
        case .signalled(let signal): .signalled(signal)
        case .timedOut: .timedOut
        }
    }
}
