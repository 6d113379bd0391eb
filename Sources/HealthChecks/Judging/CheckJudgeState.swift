internal import Workflow

/// What a check's judge remembers of the measurements so far.
struct CheckJudgeState: Sendable, Hashable {
    /// When the check started, in the judge's milliseconds.
    let startedAt: Int64
    /// Whether failures are shown and not counted yet.
    var isInGrace: Bool
    /// Non-criticals in a row.
    var successes = 0
    /// Entirely good measurements in a row, without warnings.
    var clean = 0
    /// Counted criticals in a row.
    var failures = 0
    /// Unknowns in a row.
    var errors = 0
    /// When the window's first pass was; `nil` before the first pass and after too many flips.
    var windowStart: Int64?
    /// Changes between healthy and failing inside the window.
    var flips = 0
    /// How often too many flips closed the window.
    var restarts = 0
    /// Whether the newest measurement that was not unknown was healthy; `nil` before there was one.
    var wasHealthy: Bool?
    /// The newest measurement.
    var last: Measurement.Outcome?
    /// How many measurements there were, unknown ones included.
    var measurements = 0
    /// How many measurements were not unknown.
    var counted = 0

    init(startedAt: Int64, isInGrace: Bool) {
        self.startedAt = startedAt
        self.isInGrace = isInGrace
    }
}
