internal import Synchronization

/// Bounds how much of the traffic may be repetitions, as the SDKs' standard mode does.
final class RetryQuota: Sendable {
    static let capacity = 500
    static let cost = 5
    static let timeoutCost = 10
    private let left = Mutex<Int>(capacity)

    /// Takes the cost of a repetition; `false` when there is not enough left.
    func take(_ cost: Int) -> Bool {
        left.withLock { left in
            guard left >= cost else { return false }
            left -= cost
            return true
        }
    }

    /// Gives back after a success: what its last repetition took, or 1 for a success at the first attempt.
    func succeeded(after cost: Int?) {
        left.withLock { $0 = min(Self.capacity, $0 + (cost ?? 1)) }
    }
}
