import Documents
import Engine
import HealthChecks
import Workflow

/// Why a command ends without having done what it was asked: what failed, why, and what to type next.
struct CommandFailure: Error {
    let status: ExitStatus
    let message: String
    let code: String

    init(_ status: ExitStatus, code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// The failure of any error that a command may meet; the only place that maps codes to exit codes.
    ///
    /// - Parameter hasChanges: whether something may have been changed before the error.
    init(_ error: any Error, hasChanges: Bool = false) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let errors as DocumentErrors:
            self.init(.usage, code: "invalid-file", errors.errors.map(\.description).joined(separator: "\n"))
        case let error as EngineError:
            self.init(Self.status(of: error, hasChanges: hasChanges), code: error.code.rawValue, error.detail)
        case let error as JournalError: self.init(EngineError(error), hasChanges: hasChanges)
        case let error as ProviderError:
            self.init(hasChanges ? .needsOperator : .refused, code: error.code.rawValue, error.description)
        case let error as TrafficError:
            self.init(hasChanges ? .needsOperator : .refused, code: error.code.rawValue, error.description)
        case is CancellationError: self.init(.stopped, code: "interrupted", "interrupted")
        default: self.init(.unexpected, code: "unexpected", "\(error)")
        }
    }

    private static func status(of error: EngineError, hasChanges: Bool) -> ExitStatus {
        switch error.code {
        case .drift, .planning, .instanceBusy, .leaseHeld, .illegalCommand, .unknownSwap: .refused
        case .provider, .traffic, .journal: hasChanges ? .needsOperator : .refused
        case .leaseLost: .stopped
        case .evidence: .unexpected
        }
    }
}
