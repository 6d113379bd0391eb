internal import Workflow

/// A report in the text format of Prometheus 0.0.4, for the textfile collector or a push gateway.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>
struct PrometheusReport {
    var report: CheckReport

    /// One metric and its samples.
    private struct Family {
        var name: String
        var help: String
        var samples: [Sample]
    }

    private struct Sample {
        /// Names and values, beside the target.
        var labels: [(String, String)]
        var value: Double

        init(_ value: Double, _ labels: [(String, String)]) {
            self.labels = labels
            self.value = value
        }
    }

    var text: String {
        families.filter { !$0.samples.isEmpty }.flatMap(lines).map { $0 + "\n" }.joined()
    }

    private var families: [Family] {
        let results = report.assessment.results
        return [
            Family(
                name: "changeover_health_verdict", help: "Whether this is the verdict over all enforced checks.",
                samples: states(report.assessment.verdict, [])),
            Family(
                name: "changeover_check_verdict", help: "Whether this is the verdict of the check.",
                samples: results.flatMap { states($0.verdict, [("check", $0.check.rawValue)]) }),
            Family(
                name: "changeover_check_enforced", help: "Whether the verdict of the check counts.",
                samples: results.map { Sample($0.isEnforced ? 1 : 0, [("check", $0.check.rawValue)]) }),
            Family(
                name: "changeover_check_measurements", help: "How many measurements the verdict rests on.",
                samples: results.map { Sample(Double($0.measurementCount), [("check", $0.check.rawValue)]) }),
            Family(
                name: "changeover_check_phase_duration_seconds",
                help: "How long the last measurement took, by phase.", samples: results.flatMap(phases)),
            Family(
                name: "changeover_check_last_measurement_timestamp_seconds",
                help: "When the last measurement started, since 1970.",
                samples: results.compactMap { result in
                    result.last.map { Sample(Double($0.at.milliseconds) / 1000, [("check", result.check.rawValue)]) }
                }),
        ]
    }

    /// A sample for every verdict: 1 for the one that holds, 0 for the others.
    private func states(_ verdict: CheckResult.Verdict, _ labels: [(String, String)]) -> [Sample] {
        CheckResult.Verdict.allCases.map { Sample($0 == verdict ? 1 : 0, labels + [("verdict", $0.rawValue)]) }
    }

    private func phases(_ result: CheckResult) -> [Sample] {
        let phases = result.last?.phaseMilliseconds.sorted { $0.key < $1.key } ?? []
        return phases.map { Sample($0.value / 1000, [("check", result.check.rawValue), ("phase", $0.key)]) }
    }

    private func lines(_ family: Family) -> [String] {
        let samples = family.samples.map { sample in
            let labels = [("target", report.target)] + sample.labels
            let text = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
            return "\(family.name){\(text)} \(Self.number(sample.value))"
        }
        return ["# HELP \(family.name) \(family.help)", "# TYPE \(family.name) gauge"] + samples
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value.plainDecimal ?? (value < 0 ? "-Inf" : "+Inf")
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
