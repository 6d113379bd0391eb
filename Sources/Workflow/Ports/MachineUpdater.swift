/// The half of an updater that cannot change anything.
public protocol UpdateObserver: Sendable {
    /// Names what would keep an update from working now; reads only.
    func findings(
        for policy: PatchPolicy, via runner: any CommandRunner
    ) async throws(UpdateError) -> [PreflightFinding]
}

/// Updates a machine where it runs.
///
/// The update is a process of the machine's own: it outlives the connection that began it, and leaves a record from
/// which whoever comes later reads how it stands.
public protocol MachineUpdater: UpdateObserver {
    /// Begins an update and returns once it runs by itself, is running already, or has ended.
    ///
    /// Of an update that was interrupted, by a reboot for example, what is left is done; nothing is done twice.
    func begin(_ request: UpdateRequest, via runner: any CommandRunner) async throws(UpdateError)

    /// Reads how an update stands, and what it printed after the first `offset` bytes, in whole lines.
    func progress(
        of token: UpdateToken, after offset: Int, via runner: any CommandRunner
    ) async throws(UpdateError) -> UpdateProgress

    /// Reads the id of the machine's present boot; `nil` for a machine that has none of its own.
    func bootID(via runner: any CommandRunner) async throws(UpdateError) -> String?
}

/// How an update stands on its machine.
public struct UpdateProgress: Sendable, Hashable {
    /// How far it has come.
    public enum Status: Sendable, Hashable {
        /// The machine has no record of it.
        case absent
        /// It is at work.
        case running
        /// It has begun and its process is gone before the end; to `begin` it again does what is left.
        case interrupted
        /// It has ended, well or not.
        case ended(UpdateResult)
    }

    /// How far it has come.
    public var status: Status
    /// What it printed since the last look, in whole lines.
    public var lines: [String]
    /// Where the next look begins, in bytes.
    public var offset: Int

    /// Creates a progress.
    public init(status: Status, lines: [String], offset: Int) {
        self.status = status
        self.lines = lines
        self.offset = offset
    }
}

/// Why a machine could not be updated or asked; its description is safe to print.
public struct UpdateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable, Hashable {
        /// The machine cannot be reached just now; worth another try.
        case unreachable
        /// No package manager that we know, or something else is missing on the machine.
        case unsupportedSystem
        /// The login may not update the machine.
        case notPermitted
        /// A command failed.
        case commandFailed
        /// The machine's answer cannot be understood.
        case malformedAnswer
        /// The surrounding task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What went wrong and what to do about it, without secrets.
    public var detail: String

    /// Creates an error.
    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    /// Whether the identical request may succeed later.
    public var isRetryable: Bool { code == .unreachable }

    /// The detail and the code.
    public var description: String { "\(detail) [\(code.rawValue)]" }
}
