import Workflow

/// Growing waits between attempts, with full jitter (Brooker, "Exponential Backoff And Jitter", AWS, 2015).
struct Backoff {
    let base: Span
    let cap: Span
    private var attempt = 0

    init(base: Span, cap: Span) {
        self.base = base
        self.cap = cap
    }

    /// The next wait; `random` is from 0 up to but not including 1.
    mutating func next(random: Double) -> Span {
        let exponential = Double(base.milliseconds) * Double(1 << min(attempt, 20))
        attempt += 1
        let ceiling = min(exponential, Double(cap.milliseconds))
        return .milliseconds(max(1, Int64(random * ceiling)))
    }
}
