import HealthChecks
import Workflow

/// Writes the results of checks in the format that was asked for.
struct CheckResultText {
    let output: Output
    let format: CheckFormat

    func write(_ report: CheckReport) {
        switch format {
        case .human: human(report)
        case .json: Output(output.format == .jsonl ? .jsonl : .json).document(CheckRunDocument(report))
        case .junit: output.raw(report.text(as: .junit))
        case .tap: output.raw(report.text(as: .tap))
        case .nagios: output.raw(report.text(as: .nagios))
        case .prometheus: output.raw(report.text(as: .prometheus))
        }
    }

    private func human(_ report: CheckReport) {
        for result in report.assessment.results {
            let note = result.isEnforced ? "" : " (observed only)"
            output.line("\(word(result.verdict)) \(result.check)\(note): \(result.reason)")
            for line in details(of: result) { output.line("          \(line)") }
        }
        output.line("\(word(report.assessment.verdict)) \(report.target): \(report.assessment.summary)")
    }

    /// What was measured last, unless the reason has said it.
    private func details(of result: CheckResult) -> [String] {
        guard let last = result.last, last.outcome == .ok || result.verdict == .pass else { return [] }
        let time = last.phaseMilliseconds["total"].map { " in \(Self.number($0)) ms" } ?? ""
        let actual = last.actual.isEmpty ? last.reason : last.actual
        return ["\(actual)\(time), \(result.measurementCount) measurements"]
    }

    private func word(_ verdict: CheckResult.Verdict) -> String {
        switch verdict {
        case .pass: output.coloured("pass     ", .green)
        case .warning: output.coloured("warning  ", .yellow)
        case .fail: output.coloured("fail     ", .red)
        case .inconclusive: output.coloured("undecided", .yellow)
        }
    }

    private static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "?" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// The results of checks as scripts read them.
struct CheckRunDocument: Codable {
    var target: String
    var verdict: CheckResult.Verdict
    var summary: String
    var results: [CheckResult]

    init(_ report: CheckReport) {
        target = report.target
        verdict = report.assessment.verdict
        summary = report.assessment.summary
        results = report.assessment.results
    }
}

/// Shows measurements as they come, on standard error.
final class CheckProgressLines: Sendable {
    private let output: Output
    private let isShown: Bool

    init(output: Output, isShown: Bool) {
        self.output = output
        self.isShown = isShown
    }

    func show(_ progress: CheckProgress) {
        guard isShown else { return }
        let measurement = progress.measurement
        output.message(
            "\(progress.check): \(measurement.outcome.rawValue) \(measurement.reason), \(measurement.actual)"
                + " (\(progress.detail))")
    }
}

extension CheckReport {
    /// A report of a recording, which keeps no times but those of the measurements.
    init(target: String, assessment: HealthAssessment) {
        let moments = assessment.results.compactMap { $0.last?.at }
        let start = moments.min() ?? WallTime(milliseconds: 0)
        self.init(
            target: target, assessment: assessment, startedAt: start, duration: (moments.max() ?? start).since(start))
    }
}
