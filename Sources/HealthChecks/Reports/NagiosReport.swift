internal import Workflow

/// A report as the output of a monitoring plugin, with how long each check's last measurement took.
struct NagiosReport {
    var report: CheckReport

    var line: PluginLine {
        PluginLine(
            service: "HEALTH", outcome: outcome, text: "\(report.target): \(report.assessment.summary)",
            values: report.assessment.results.compactMap(Self.value))
    }

    private var outcome: Measurement.Outcome {
        switch report.assessment.verdict {
        case .pass: .ok
        case .warning: .warning
        case .fail: .critical
        case .inconclusive: .unknown
        }
    }

    /// The duration in seconds to the microsecond; `nil` when none was measured.
    ///
    /// The label goes without `'` and `=`, which newer guidelines forbid.
    private static func value(of result: CheckResult) -> PerformanceValue? {
        guard let total = result.last?.phaseMilliseconds["total"], total.isFinite, total >= 0 else { return nil }
        let label = result.check.rawValue.unicodeScalars.map { $0 == "'" || $0 == "=" ? "_" : $0 }
        let seconds = (total * 1000).rounded() / 1_000_000
        return PerformanceValue(
            label: String(String.UnicodeScalarView(label)), value: seconds, unit: .seconds, minimum: 0)
    }
}
