import Workflow

/// A runner for instances on which no command can be run.
struct UnreachableCommandRunner: CommandRunner {
    let detail: String

    /// Throws `unreachable`.
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        throw CommandError(.unreachable, detail: detail)
    }
}
