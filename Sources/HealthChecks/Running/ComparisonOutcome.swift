internal import Documents
internal import Foundation
internal import Statistics
internal import Workflow

/// Turns what a comparison gathered into the check's result.
struct ComparisonOutcome {
    var check: RunnableComparison
    var redactor: Redactor
    var at: WallTime

    /// The result; a comparison that has no verdict yet is concluded with what there is.
    ///
    /// Where a recording ends before it could have been, it is inconclusive.
    func result(of state: ComparisonState, recordingEnded: Bool) -> CheckResult {
        var state = state
        let (wasDecided, wasFinished) = (state.run.report != nil, state.isFinished)
        let report = state.conclude()
        let isBlind = !wasDecided && state.isBlind
        var decision = CheckJudge.Decision(verdict: Self.verdict(report.verdict), reason: report.reason)
        if isBlind {
            let reason = "\(state.ownFailures) pairs of probes in a row failed on our side"
            decision = CheckJudge.Decision(verdict: .inconclusive, reason: reason + lastFailure(state))
        } else if recordingEnded, !wasFinished {
            decision = CheckJudge.Decision(
                verdict: .inconclusive, reason: "the recording ends before there is a verdict")
        } else if !wasDecided, state.mode != .once {
            decision.reason += "; not all of the \(check.design.maxSamples) pairs were taken before the end"
        }
        let settled = CheckJudge(timing: check.timing, mode: state.mode).capped(decision)
        let code = isBlind || (recordingEnded && !wasFinished) ? "compare:unknown" : report.code
        return CheckResult(
            check: check.id, verdict: settled.verdict, isEnforced: check.timing.mode == .enforce,
            reason: redactor.redact(settled.reason), last: measurement(report, verdict: decision.verdict, code: code),
            measurementCount: state.probeCount,
            comparison: ComparisonFigures(report, tailQuantile: check.design.tailQuantile))
    }

    /// The result where there is nothing to compare with.
    ///
    /// In `once` mode it does not count: that is the last look before an original that has been stopped is terminated,
    /// and the comparison was made while it ran.
    static func withoutOriginal(
        _ id: CheckID, _ design: ComparisonDesign, _ timing: CheckTiming, _ mode: AssessmentRequest.Mode, at: WallTime
    ) -> CheckResult {
        let decision = CheckJudge.Decision(
            verdict: design.onNoData == .fail ? .fail : .inconclusive,
            reason: "not compared: there is no original that still runs")
        let capped = CheckJudge(timing: timing, mode: mode).capped(decision)
        return CheckResult(
            check: id, verdict: capped.verdict, isEnforced: timing.mode == .enforce && mode != .once,
            reason: capped.reason,
            last: Workflow.Measurement(
                at: at, outcome: .unknown, reason: "compare:no-original", actual: "no original",
                expected: "an original that runs"),
            measurementCount: 0)
    }

    private static func verdict(_ verdict: ComparisonReport.Verdict) -> CheckResult.Verdict {
        switch verdict {
        case .pass: .pass
        case .fail: .fail
        case .inconclusive: .inconclusive
        }
    }

    private func lastFailure(_ state: ComparisonState) -> String {
        let readings = [state.last?.replacement, state.last?.original].compactMap(\.self)
        return readings.first { $0.outcome == .unknown }.map { ": \($0.reason), \($0.actual)" } ?? ""
    }

    /// The whole comparison as one measurement.
    private func measurement(
        _ report: ComparisonReport, verdict: CheckResult.Verdict, code: String
    ) -> Workflow.Measurement {
        let outcome: Workflow.Measurement.Outcome =
            switch verdict {
            case .pass: .ok
            case .warning: .warning
            case .fail: .critical
            case .inconclusive: .unknown
            }
        var phases: [String: Double] = [:]
        phases["total"] = report.replacement.median
        phases["original"] = report.original.median
        return Workflow.Measurement(
            at: at, outcome: outcome, reason: code,
            actual: redactor.shown("replacement \(words(report.replacement)); original \(words(report.original))"),
            expected: redactor.shown(expectation), phaseMilliseconds: phases)
    }

    private func words(_ side: ComparisonSummary) -> String {
        let errors = "\(side.errorCount) errors in \(side.attemptCount) probes"
        guard let median = side.median, let quantile = side.tailQuantile else { return "no answer, \(errors)" }
        let level = number(check.design.tailQuantile)
        return "median \(number(median)) ms, quantile \(level) \(number(quantile)) ms, \(errors)"
    }

    private var expectation: String {
        let design = check.design
        let tail = "slowest \(number((1 - design.tailQuantile) * 100)) % below \(number(design.minTailRatio)) times"
        let errors = "errors at most \(number(design.maxErrorIncrease * 100)) percentage points more"
        return "median below \(number(design.minMedianRatio)) times the original's, \(tail), \(errors)"
    }

    private func number(_ value: Double) -> String { String(format: "%.4g", value) }
}

extension ComparisonReport {
    /// The stable word for the verdict's reason; of several regressions the first of errors, latency and tail.
    fileprivate var code: String {
        switch (basis, verdict) {
        case (.noData, _): return "compare:no-data"
        case (.tooFew, _): return "compare:too-few"
        case (.invalid, _): return "compare:invalid"
        case (.tests, .fail):
            let regressions = findings.filter(\.isRegression).map(\.measure)
            let first = [ComparisonFinding.Measure.errors, .latency, .tail].first(where: regressions.contains)
            return "compare:\(first?.rawValue ?? "regression")"
        case (.tests, .pass), (.tests, .inconclusive): return "ok"
        }
    }
}

extension ComparisonFigures {
    /// The figures of a report.
    fileprivate init(_ report: ComparisonReport, tailQuantile: Double) {
        self.init(
            level: report.level, original: Side(report.original), replacement: Side(report.replacement),
            tailQuantile: tailQuantile, tailThresholdMilliseconds: report.tailThreshold,
            slowerProbability: report.slowerProbability, findings: report.findings.map(Finding.init))
    }
}

extension ComparisonFigures.Side {
    fileprivate init(_ summary: ComparisonSummary) {
        self.init(
            probes: summary.attemptCount, errors: summary.errorCount, medianMilliseconds: summary.median,
            tailQuantileMilliseconds: summary.tailQuantile, tailMeanMilliseconds: summary.tailMean,
            slowAnswers: summary.exceedances)
    }
}

extension ComparisonFigures.Finding {
    fileprivate init(_ finding: ComparisonFinding) {
        self.init(
            measure: finding.measure.rawValue, effect: finding.effect.isFinite ? finding.effect : nil,
            limit: finding.limit, pValue: finding.pValue, adjustedPValue: finding.adjustedPValue,
            isSignificant: finding.isSignificant, isRelevant: finding.isRelevant)
    }
}
