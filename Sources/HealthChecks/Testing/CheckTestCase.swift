internal import Workflow

/// One case of a test file: what the outside world answers, and what must come of it.
struct CheckTestCase: Sendable, Hashable {
    /// What one check must end as.
    struct Expectation: Sendable, Hashable {
        var verdict: CheckResult.Verdict?
        /// The stable word of the last measurement.
        var reason: String?
        /// A part of the result's sentence.
        var contains: String?
        /// The latest virtual time of the verdict.
        var within: Span?
    }

    var name: String
    var phase: CheckPhase
    /// The first day of virtual time, in UTC.
    var day: CalendarDay
    var isOnce: Bool
    /// By check, `check/member` or `check/side`.
    var answers: [String: [CannedAnswer]]
    var verdict: CheckResult.Verdict
    var checks: [String: Expectation]
}
