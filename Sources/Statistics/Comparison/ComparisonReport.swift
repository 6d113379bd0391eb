/// The verdict of a comparison, and what it rests on.
public struct ComparisonReport: Sendable, Hashable {
    /// What a comparison concludes.
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// Enough samples, and no regression that is both significant and relevant.
        case pass
        /// A regression that is both significant and relevant.
        case fail
        /// The data do not allow a verdict.
        case inconclusive
    }

    /// What a verdict rests on, as a stable word.
    public enum Basis: String, Sendable, Hashable, CaseIterable {
        /// The tests, made on enough samples: a pass, or the regressions among the findings.
        case tests
        /// A side gave no answer at all.
        case noData
        /// There are too few answers for a pass, or too few for the test of the tail to come out significant.
        case tooFew
        /// The numbers given cannot be what they are said to be.
        case invalid
    }

    /// The verdict.
    public let verdict: Verdict
    /// What the verdict rests on.
    public let basis: Basis
    /// Why, in one sentence without a full stop.
    public let reason: String
    /// The probability of a false alarm that this look may spend, 0 to 1.
    public let level: Double
    /// The original in numbers.
    public let original: ComparisonSummary
    /// The replacement in numbers.
    public let replacement: ComparisonSummary
    /// The quantile of both sides' latencies together, in milliseconds; `nil` unless both sides answered.
    public let tailThreshold: Double?
    /// The probability, 0 to 1, that the replacement takes longer than the original (common-language effect size); `nil`
    /// unless both sides answered.
    public let slowerProbability: Double?
    /// What the tests found; those that could not be made are left out.
    public let findings: [ComparisonFinding]
}
