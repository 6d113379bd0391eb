import Synchronization
import Workflow

/// What the newest look saw instead of what a session waits for, so that a deadline can say more than that it passed.
final class LastSight: Sendable {
    private let seen = Mutex<(observation: Observation, text: String)?>(nil)

    /// In words; `nil` when nothing is waited for, or nobody has looked yet.
    var text: String? { seen.withLock { $0?.text } }

    /// Notes what a look for an observation saw.
    func note(_ text: String, for observation: Observation) { seen.withLock { $0 = (observation, text) } }

    /// Forgets what was seen for an observation that is waited for no more.
    func end(_ observation: Observation) {
        seen.withLock { if $0?.observation == observation { $0 = nil } }
    }
}
