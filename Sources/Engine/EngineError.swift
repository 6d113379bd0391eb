public import Workflow

/// Why the engine could not do what it was asked; its description is safe to print.
public struct EngineError: Error, Sendable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable {
        /// The journal failed: no call was made after the failure.
        case journal
        /// Another process took the swap over.
        case leaseLost
        /// Another process drives the swap.
        case leaseHeld
        /// A live swap already claims the instance or its traffic slot.
        case instanceBusy
        /// The live state differs from the plan.
        case drift
        /// The plan cannot be made.
        case planning
        /// The swap does not exist.
        case unknownSwap
        /// The swap's state does not allow the command.
        case illegalCommand
        /// The provider failed.
        case provider
        /// A traffic router failed.
        case traffic
        /// Evidence cannot be written or read.
        case evidence
    }

    /// The kind of failure.
    public var code: Code
    /// What went wrong and what to do about it.
    public var detail: String
    /// The failure underneath, when there is one.
    public var underlying: (any Error)?

    /// Creates an engine error.
    public init(_ code: Code, _ detail: String, underlying: (any Error)? = nil) {
        self.code = code
        self.detail = detail
        self.underlying = underlying
    }

    /// The detail and the code.
    public var description: String { "\(detail) [\(code.rawValue)]" }

    /// Puts a journal error into the engine's terms.
    public init(_ error: JournalError) {
        switch error.code {
        case .leaseLost: self.init(.leaseLost, error.detail, underlying: error)
        case .leaseHeld: self.init(.leaseHeld, error.detail, underlying: error)
        case .instanceBusy: self.init(.instanceBusy, error.detail, underlying: error)
        case .unknownSwap: self.init(.unknownSwap, error.detail, underlying: error)
        case .cannotOpen, .diskFull, .readOnly, .corrupt, .storage, .closed:
            self.init(.journal, error.detail, underlying: error)
        }
    }
}
