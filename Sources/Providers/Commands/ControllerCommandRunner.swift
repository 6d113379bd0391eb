import Foundation
public import Workflow

/// Runs commands on this machine, the one that Changeover itself runs on.
///
/// Each command is executed without a shell in its own process group, is given only the variables named at creation
/// and those of the command, and inherits no open file.
public struct ControllerCommandRunner: CommandRunner {
    /// Variables that commands may see by default: where programs and homes are, language and time zone; no credentials.
    public static let harmlessVariables: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
    ]

    private let environment: [String: String]
    private let folder: String?

    /// Creates a runner.
    ///
    /// `environment` is what every command is given, by default this process's harmless variables; `folder` is the
    /// commands' working folder, by default this process's own.
    public init(environment: [String: String]? = nil, folder: String? = nil) {
        self.environment =
            environment
            ?? ProcessInfo.processInfo.environment.filter { Self.harmlessVariables.contains($0.key) }
        self.folder = folder
    }

    /// Runs a command on this machine; see `CommandRunner`.
    public func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let request = ProcessRequest(command, environment: environment, folder: folder)
        return try await request.commandResult(onLine: onLine)
    }
}
