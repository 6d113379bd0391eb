internal import Workflow

extension PluginOutput {
    /// What an exit code means; nothing printed is unknown whatever the code, since a plugin always says something and
    /// the codes 1 and 2 are also what interpreters leave behind when they fail.
    ///
    /// Source: <https://www.monitoring-plugins.org/doc/guidelines.html#AEN78>
    func outcome(exitCode: Int32) -> Measurement.Outcome {
        if isEmpty { return .unknown }
        switch exitCode {
        case 0: return .ok
        case 1: return .warning
        case 2: return .critical
        default: return .unknown
        }
    }

    /// What an assertion finds.
    func finding(of rule: PerformanceExpectation) -> Finding {
        let (outcome, actual) = judge(label: rule.label, by: rule.thresholds)
        let range = rule.thresholds.expectation(for: outcome)
        return Finding(outcome: outcome, actual: actual, expected: "\(rule.label) \(range)")
    }

    /// What the entry with a label means under our own thresholds, in the plugin's unit: an entry that is missing,
    /// malformed, `U` or there twice is critical.
    func judge(label: String, by thresholds: Thresholds) -> (outcome: Measurement.Outcome, actual: String) {
        guard let entry = value(labelled: label) else {
            let isThere = values.contains { $0.label == label }
            return (.critical, "\(label) is \(isThere ? "there more than once" : "missing")")
        }
        guard let value = entry.value, let text = value.plainDecimal else {
            return (.critical, "\(label) could not be determined by the plugin")
        }
        return (thresholds.outcome(for: value), "\(label) is \(text)\(entry.unit)")
    }
}
