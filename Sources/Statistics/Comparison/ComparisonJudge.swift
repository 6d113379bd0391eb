/// Decides whether a replacement is worse than its original: a pure function of the design and what was measured.
///
/// Three one-sided tests are made: Mann–Whitney for a general shift, Fisher's exact test on the answers beyond the
/// quantile of both sides together for the tail, and Fisher's exact test for errors. Holm's procedure keeps the
/// probability of any false alarm among them at or below the level. Where there are so few errors that even all of them
/// on the replacement's side would not be significant, the level is split over two tests instead of three; that depends
/// on the errors of both sides together only and so keeps the level (R. E. Tarone, "A Modified Bonferroni Method for
/// Discrete Data", Biometrics 46, 1990). A test fails the replacement only if its effect is also great enough to count.
///
/// The level holds if, without a difference, the order of the measurements tells nothing: interleave the probes of both
/// sides. Load that comes in bursts and hits one side only makes false alarms more frequent.
public struct ComparisonJudge: Sendable, Hashable {
    /// What is measured, and when it fails.
    public let design: ComparisonDesign

    /// Judges by `design`.
    public init(_ design: ComparisonDesign) {
        self.design = design
    }

    /// The verdict on all that was measured so far, with one look at it.
    ///
    /// - Parameters:
    ///   - original: What the original's probes gave.
    ///   - replacement: What the replacement's probes gave.
    ///   - level: The probability of a false alarm that this look may spend, 0 to 1; the design's `alpha` if left out,
    ///     which is right for a single look only. `ComparisonRun` shares it out over several.
    public func judge(
        original: ComparisonSeries, replacement: ComparisonSeries, level: Double? = nil
    ) -> ComparisonReport {
        let evidence = ComparisonEvidence(
            design, original: original, replacement: replacement, level: level ?? design.alpha)
        let reasons = ComparisonReasons(evidence)
        guard evidence.isValid else { return evidence.report(.inconclusive, .invalid, reasons.invalid) }
        let sides = [evidence.original, evidence.replacement]
        let isReady = sides.allSatisfy { $0.attemptCount >= design.minSamples }
        if isReady, evidence.findings.contains(where: \.isRegression) {
            return evidence.report(.fail, .tests, reasons.regression)
        }
        if sides.contains(where: { $0.answerCount == 0 }) {
            return evidence.report(design.onNoData == .fail ? .fail : .inconclusive, .noData, reasons.noData)
        }
        guard isReady, sides.allSatisfy({ $0.answerCount >= design.minSamples }) else {
            return evidence.report(.inconclusive, .tooFew, reasons.tooFew)
        }
        guard evidence.canSeeTail else { return evidence.report(.inconclusive, .tooFew, reasons.blind) }
        return evidence.report(.pass, .tests, reasons.pass)
    }
}
