/// Runs commands on one instance.
public protocol CommandRunner: Sendable {
    /// Runs a command to its end and hands each line to `onLine` while it runs.
    ///
    /// The arguments are passed as they are: no shell reads them. When the surrounding task is cancelled or the
    /// command's timeout passes, the command's whole process group is killed.
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult
}

extension CommandRunner {
    /// Runs a command to its end without watching its lines.
    public func run(_ command: Command) async throws(CommandError) -> CommandResult {
        try await run(command) { _ in }
    }
}

/// One command for an instance.
public struct Command: Sendable, Hashable, Codable {
    /// Program and arguments; never empty, never read by a shell.
    public var arguments: [String]
    /// Variables added to the command's environment.
    public var environment: [String: String]
    /// What the command reads from standard input.
    public var input: String
    /// After this long the command is killed; more than zero.
    public var timeout: Span
    /// How much of each output stream is kept, in bytes; the rest is counted and dropped.
    public var outputLimitBytes: Int

    /// Creates a command.
    public init(
        _ arguments: [String], environment: [String: String] = [:], input: String = "",
        timeout: Span = .seconds(60), outputLimitBytes: Int = 1 << 20
    ) {
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.timeout = timeout
        self.outputLimitBytes = outputLimitBytes
    }
}

/// One line that a command printed.
public struct CommandLineOutput: Sendable, Hashable, Codable {
    /// Whether the line came on standard error.
    public var isError: Bool
    /// The line without its line feed.
    public var text: String

    /// Creates a line.
    public init(isError: Bool, text: String) {
        self.isError = isError
        self.text = text
    }
}

/// How a command ended.
public struct CommandResult: Sendable, Hashable, Codable {
    /// How the process ended.
    public enum Termination: Sendable, Hashable, Codable {
        /// It exited with this code, 0 to 255.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)
        /// Its timeout passed and it was killed.
        case timedOut
    }

    /// How the process ended.
    public var termination: Termination
    /// Standard output, decoded as UTF-8 with repairs, cut at the command's limit.
    public var output: String
    /// Standard error, decoded as UTF-8 with repairs, cut at the command's limit.
    public var errorOutput: String
    /// Whether output was cut.
    public var isTruncated: Bool

    /// Creates a command's result.
    public init(termination: Termination, output: String, errorOutput: String, isTruncated: Bool = false) {
        self.termination = termination
        self.output = output
        self.errorOutput = errorOutput
        self.isTruncated = isTruncated
    }

    /// The exit code; `nil` when the command was killed.
    public var exitCode: Int32? {
        switch termination {
        case .exited(let code): code
        case .signalled, .timedOut: nil
        }
    }
}

/// Why a command could not be run at all; a command that ran and failed is a `CommandResult`.
public struct CommandError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable, Hashable {
        /// The instance cannot be reached.
        case unreachable
        /// The program does not exist on the instance.
        case notFound
        /// The program may not be executed.
        case notPermitted
        /// The surrounding task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What went wrong, without secrets.
    public var detail: String

    /// Creates a command error.
    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The detail and the code.
    public var description: String { "\(detail) [\(code.rawValue)]" }
}
