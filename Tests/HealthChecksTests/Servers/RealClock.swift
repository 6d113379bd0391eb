import Foundation
import Workflow

/// The machine's clocks, for checks of real servers.
struct RealClock: WorkflowClock {
    private static let start = ContinuousClock.now

    func wallTime() -> WallTime {
        WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    func monotonicMilliseconds() -> Int64 {
        Int64(Self.start.duration(to: .now) / .milliseconds(1))
    }

    func sleep(for span: Span) async throws {
        try await Task.sleep(for: span.duration)
    }
}
