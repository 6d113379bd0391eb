import Foundation
public import Workflow

/// The machine's own clocks; the only place that reads them.
public struct SystemClock: WorkflowClock {
    /// Creates the clock.
    public init() {}

    /// The present wall time.
    public func wallTime() -> WallTime {
        WallTime(milliseconds: Self.read(CLOCK_REALTIME))
    }

    /// Milliseconds since boot, suspended time included.
    public func monotonicMilliseconds() -> Int64 {
        Self.read(CLOCK_BOOTTIME)
    }

    /// Waits for `span`; throws `CancellationError` as soon as the task is cancelled.
    public func sleep(for span: Span) async throws {
        try await Task.sleep(for: span.duration)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
