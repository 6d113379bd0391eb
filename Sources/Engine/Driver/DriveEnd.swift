public import Workflow

/// Why a driver returned.
public enum DriveEnd: Sendable {
    /// The swap has ended.
    case ended(Swap)
    /// The original is held: the swap is done unless someone undoes it.
    case held(Swap)
    /// The swap waits at a checkpoint for a person.
    case atCheckpoint(Swap)
    /// The swap is paused.
    case paused(Swap)
    /// The swap needs an operator.
    case needsOperator(Swap)
    /// The driver was asked to stop and did so at a durable point.
    case interrupted(Swap)

    /// The swap as the driver left it.
    public var swap: Swap {
        switch self {
        case .ended(let swap), .held(let swap), .atCheckpoint(let swap), .paused(let swap), .needsOperator(let swap),
            .interrupted(let swap):
            swap
        }
    }
}
