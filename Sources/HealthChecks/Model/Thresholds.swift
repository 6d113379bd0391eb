internal import Workflow

/// A warning range, a critical range, or both.
struct Thresholds: Sendable, Hashable {
    var warning: ThresholdRange?
    var critical: ThresholdRange?

    /// What a value means; what is not a number is critical.
    func outcome(for value: Double) -> Measurement.Outcome {
        if value.isNaN { return .critical }
        if critical?.alerts(for: value) == true { return .critical }
        return warning?.alerts(for: value) == true ? .warning : .ok
    }

    /// The range that a value with this outcome should have been in, in words.
    func expectation(for outcome: Measurement.Outcome) -> String {
        let range = outcome == .warning ? warning : critical ?? warning
        return range.map { ($0.alertsInside ? "outside of " : "in ") + $0.description } ?? ""
    }
}
