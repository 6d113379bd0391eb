internal import Foundation

/// The reasons of a comparison's verdict in words.
struct ComparisonReasons {
    private let evidence: ComparisonEvidence

    init(_ evidence: ComparisonEvidence) {
        self.evidence = evidence
    }

    var invalid: String { "a latency is negative or no number, or a count of errors is negative" }

    var regression: String {
        let regressions = evidence.findings.filter(\.isRegression).map { finding in
            "\(words(finding)), \(probability(finding.adjustedPValue))"
        }
        return "the replacement is worse: \(regressions.joined(separator: "; ")); at level \(level), \(probes)"
    }

    var noData: String {
        let silent = sides.filter { $0.summary.answerCount == 0 }.map { "the \($0.name)" }.joined(separator: " and ")
        return "\(silent) gave no answer at all, so there is nothing to compare; \(probes)"
    }

    var tooFew: String {
        let needed = evidence.design.minSamples
        let short = sides.filter { $0.summary.answerCount < needed }.map { side in
            "the \(side.name) gave \(side.summary.answerCount) answers to \(side.summary.attemptCount) probes"
        }
        return "too few samples: \(short.joined(separator: " and ")), \(needed) answers are needed of each"
    }

    var blind: String {
        let answers = sides.map { String($0.summary.answerCount) }.joined(separator: " and ")
        return "too few samples: with \(answers) answers no difference of the slowest \(tailShare) could be significant"
            + " at level \(level)"
    }

    var pass: String {
        let found = evidence.findings.map { finding -> String in
            switch (finding.isSignificant, finding.isRelevant) {
            case (true, false): "\(words(finding)), significant but too small to count"
            case (false, true): "\(words(finding)), which may be chance, \(probability(finding.adjustedPValue))"
            case (true, true), (false, false): words(finding)
            }
        }
        return "no regression that is significant and great enough to count: \(found.joined(separator: "; ")); "
            + "at level \(level), \(probes)"
    }

    private var sides: [(name: String, summary: ComparisonSummary)] {
        [("original", evidence.original), ("replacement", evidence.replacement)]
    }

    private var probes: String {
        "\(evidence.original.attemptCount) probes of the original and \(evidence.replacement.attemptCount) of the replacement"
    }

    private var level: String { String(format: "%.3g", evidence.level) }

    private var tailShare: String { String(format: "%.4g %%", (1 - evidence.design.tailQuantile) * 100) }

    private func words(_ finding: ComparisonFinding) -> String {
        let (old, new) = (evidence.original, evidence.replacement)
        switch finding.measure {
        case .latency:
            return "median \(time(new.median)) against \(time(old.median)), \(times(finding))"
        case .tail:
            let counts = "\(new.exceedances ?? 0) against \(old.exceedances ?? 0)"
            return "slowest \(tailShare) on average \(time(new.tailMean)) against \(time(old.tailMean)), "
                + "\(times(finding)), \(counts) of them beyond \(time(evidence.threshold))"
        case .errors:
            let difference = String(format: "%+.2f", finding.effect * 100)
            let limit = String(format: "%.4g", finding.limit * 100)
            return "errors \(new.errorCount) against \(old.errorCount), \(difference) percentage points "
                + "(counts beyond \(limit))"
        }
    }

    private func times(_ finding: ComparisonFinding) -> String {
        let ratio = finding.effect.isFinite ? String(format: "%.2f", finding.effect) : "infinitely many"
        return "\(ratio) times (counts from \(String(format: "%.4g", finding.limit)))"
    }

    private func time(_ milliseconds: Double?) -> String {
        milliseconds.map { String(format: "%.4g ms", $0) } ?? "nothing"
    }

    private func probability(_ value: Double) -> String {
        value < 0.0001 ? "p < 0.0001" : String(format: "p = %.4f", value)
    }
}
