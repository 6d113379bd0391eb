internal import Workflow

/// What one assertion finds in an answer.
struct Finding: Sendable, Hashable {
    var outcome: Measurement.Outcome
    var actual: String
    var expected: String

    /// A finding that is good or critical.
    static func judge(_ holds: Bool, actual: String, expected: String) -> Finding {
        Finding(outcome: holds ? .ok : .critical, actual: actual, expected: expected)
    }

    /// A finding about a number; what is not a number is critical.
    static func number(_ value: Double, _ thresholds: Thresholds, actual: String, name: String) -> Finding {
        let outcome = thresholds.outcome(for: value)
        return Finding(outcome: outcome, actual: actual, expected: "\(name) \(thresholds.expectation(for: outcome))")
    }

    /// The position of the worst finding, the first of equals; `nil` when there is none or all are good.
    static func worstIndex(_ findings: [Finding]) -> Int? {
        [Measurement.Outcome.critical, .unknown, .warning].lazy
            .compactMap { outcome in findings.firstIndex { $0.outcome == outcome } }.first
    }

    /// The worst finding, or the first when all are good.
    static func worst(_ findings: [Finding]) -> Finding? {
        worstIndex(findings).map { findings[$0] } ?? findings.first
    }
}
