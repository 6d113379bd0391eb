/// The clock that everything which waits is given; the real one in production, a virtual one in tests and rehearsals.
public protocol WorkflowClock: Sendable {
    /// The present wall time.
    func wallTime() -> WallTime

    /// Milliseconds on a clock that never goes back; meaningful only as differences on one machine since its boot.
    func monotonicMilliseconds() -> Int64

    /// Waits for `span` on the monotonic clock; throws `CancellationError` as soon as the task is cancelled.
    func sleep(for span: Span) async throws
}
