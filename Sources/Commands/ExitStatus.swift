import Engine
import Workflow

/// The exit codes of the program; scripts rely on them.
enum ExitStatus: Int32 {
    /// Done.
    case done = 0
    /// An internal or unexpected error.
    case unexpected = 1
    /// Rolled back: the service is on the original, safe.
    case rolledBack = 2
    /// Needs an operator.
    case needsOperator = 3
    /// Refused before anything was changed.
    case refused = 4
    /// Cancelled or paused before the end.
    case stopped = 5
    /// Wrong usage or an invalid file.
    case usage = 64

    /// What the end of a drive means for a command that set out to replace an instance.
    init(_ end: DriveEnd) {
        switch end {
        case .held: self = .done
        case .atCheckpoint, .paused, .interrupted: self = .stopped
        case .needsOperator: self = .needsOperator
        case .ended(let swap): self.init(ended: swap.state)
        }
    }

    /// What an ended swap means for whoever asked for the replacement.
    init(ended state: SwapState) {
        switch state {
        case .succeeded, .updated, .holding: self = .done
        case .rolledBack: self = .rolledBack
        case .cancelled: self = .stopped
        case .refused: self = .refused
        case .needsOperator: self = .needsOperator
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting,
            .baking, .stoppingOriginal, .terminatingOriginal, .rollingBack, .retiringReplacement,
            .awaitingFallback, .awaitingUncordon, .cordoning, .snapshotting, .updating, .rebooting,
            .verifyingUpdate, .uncordoning, .restoringSnapshot:
            self = .stopped
        }
    }
}
