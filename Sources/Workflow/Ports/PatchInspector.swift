/// Asks a machine's own package manager what is left to patch, and what is installed and running.
public protocol PatchInspector: Sendable {
    /// Reads what is left to patch after refreshing the package lists.
    ///
    /// Throws `PatchInspectionError` whenever the answer would not be certain, for example when one repository cannot
    /// be reached: an uncertain answer never looks like "nothing left".
    func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus

    /// Reads what is installed and running on the machine at `address`.
    func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts
}

/// Why a machine could not be inspected; its description is safe to print.
public struct PatchInspectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable, Hashable {
        /// A package repository cannot be reached or is not trusted.
        case repositoryUnavailable
        /// No package manager that we know.
        case unsupportedSystem
        /// The package manager is locked by another process.
        case locked
        /// A command failed or could not be run.
        case commandFailed
        /// The command's output cannot be understood.
        case malformedOutput
        /// The surrounding task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What went wrong, without secrets.
    public var detail: String

    /// Creates an inspection error.
    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The detail and the code.
    public var description: String { "\(detail) [\(code.rawValue)]" }
}
