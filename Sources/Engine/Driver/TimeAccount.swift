import Synchronization
import Workflow

/// Tells the time that a drive waits for others from the time that it takes itself.
///
/// Whatever is not accounted as waiting counts as our own. The pause before the look that saw a thing to be true counts as
/// our own too, since it had become true at some time within that pause.
final class TimeAccount: Sendable {
    private struct Account {
        var waiting = 0
        var waitingSince: Int64 = 0
        var waited: Int64 = 0
    }

    private let clock: any WorkflowClock
    private let start: Int64
    private let account = Mutex(Account())

    /// Begins an account now.
    init(clock: any WorkflowClock) {
        self.clock = clock
        start = clock.monotonicMilliseconds()
    }

    /// Begins a wait; waits that overlap count once.
    func beginWait() {
        let now = clock.monotonicMilliseconds()
        account.withLock { account in
            if account.waiting == 0 { account.waitingSince = now }
            account.waiting += 1
        }
    }

    /// Ends a wait.
    func endWait() {
        let now = clock.monotonicMilliseconds()
        account.withLock { account in
            account.waiting -= 1
            if account.waiting == 0 { account.waited += now - account.waitingSince }
        }
    }

    /// Counts a pause that is over and that turned out to have been a wait.
    func add(_ pause: Span) {
        account.withLock { account in
            // Within another wait it counts already.
            if account.waiting == 0 { account.waited += pause.milliseconds }
        }
    }

    /// The account so far; a wait under way counts up to now.
    var timing: DriveTiming {
        let now = clock.monotonicMilliseconds()
        let waited = account.withLock { $0.waited + ($0.waiting > 0 ? now - $0.waitingSince : 0) }
        return DriveTiming(totalMilliseconds: now - start, waitedMilliseconds: waited)
    }
}
