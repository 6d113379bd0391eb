import Foundation
import Workflow

/// The machine's clocks; `Engine`'s is out of reach here.
struct RealClock: WorkflowClock {
    private static let start = ContinuousClock.now

    func wallTime() -> WallTime { WallTime(milliseconds: monotonicMilliseconds()) }

    func monotonicMilliseconds() -> Int64 {
        let (seconds, attoseconds) = Self.start.duration(to: .now).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    func sleep(for span: Span) async throws { try await ContinuousClock().sleep(for: span.duration) }
}

/// A clock on which time passes by sleeping only, at once.
final class SkippingClock: WorkflowClock, @unchecked Sendable {
    // All mutable state is touched under the lock only.
    private let lock = NSLock()
    private var now: Int64 = 0
    private var sleeps: [Span] = []

    /// How long was slept, each time.
    var slept: [Span] { lock.withLock { sleeps } }

    func wallTime() -> WallTime { WallTime(milliseconds: monotonicMilliseconds()) }

    func monotonicMilliseconds() -> Int64 { lock.withLock { now } }

    func sleep(for span: Span) async throws {
        try Task.checkCancellation()
        lock.withLock {
            now += span.milliseconds
            sleeps.append(span)
        }
    }
}
