public import Workflow

/// A runner whose commands all exit with 0 and print nothing.
public struct ScriptedCommandRunner: CommandRunner {
    /// Creates the runner.
    public init() {}

    /// Returns at once, without output.
    public func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        CommandResult(termination: .exited(0), output: "", errorOutput: "")
    }
}
