/// What a comparison of a replacement with its original measured, and what its tests found.
///
/// Every number is finite; what could not be computed, and what is infinite, is absent.
public struct ComparisonFigures: Sendable, Hashable, Codable {
    /// One of the two instances in numbers.
    public struct Side: Sendable, Hashable, Codable {
        /// How many probes counted.
        public var probes: Int
        /// How many of them the instance failed.
        public var errors: Int
        /// The median latency in milliseconds.
        public var medianMilliseconds: Double?
        /// The tail quantile of this side's latencies in milliseconds.
        public var tailQuantileMilliseconds: Double?
        /// The mean of the latencies beyond it, in milliseconds.
        public var tailMeanMilliseconds: Double?
        /// How many answers took longer than the tail quantile of both sides together.
        public var slowAnswers: Int?

        /// Creates the numbers of a side.
        public init(
            probes: Int, errors: Int, medianMilliseconds: Double?, tailQuantileMilliseconds: Double?,
            tailMeanMilliseconds: Double?, slowAnswers: Int?
        ) {
            self.probes = probes
            self.errors = errors
            self.medianMilliseconds = medianMilliseconds
            self.tailQuantileMilliseconds = tailQuantileMilliseconds
            self.tailMeanMilliseconds = tailMeanMilliseconds
            self.slowAnswers = slowAnswers
        }
    }

    /// What one test found.
    public struct Finding: Sendable, Hashable, Codable {
        /// What the test is about: `latency`, `tail` or `errors`.
        public var measure: String
        /// The ratio replacement / original of the medians or tails, or the difference of the error rates (−1 to 1);
        /// absent where a ratio is infinite.
        public var effect: Double?
        /// The effect from which on, for errors beyond which, it counts.
        public var limit: Double
        /// The one-sided p-value, 0 to 1, of the replacement being worse.
        public var pValue: Double
        /// The p-value adjusted for the other tests, 0 to 1.
        public var adjustedPValue: Double
        /// Whether the adjusted p-value is at most the level.
        public var isSignificant: Bool
        /// Whether the effect is great enough to count; with significance it fails the replacement.
        public var isRelevant: Bool

        /// Creates a finding.
        public init(
            measure: String, effect: Double?, limit: Double, pValue: Double, adjustedPValue: Double,
            isSignificant: Bool, isRelevant: Bool
        ) {
            self.measure = measure
            self.effect = effect
            self.limit = limit
            self.pValue = pValue
            self.adjustedPValue = adjustedPValue
            self.isSignificant = isSignificant
            self.isRelevant = isRelevant
        }
    }

    /// The probability of a false alarm that the deciding look could spend, 0 to 1.
    public var level: Double
    /// The original.
    public var original: Side
    /// The replacement.
    public var replacement: Side
    /// Where the tail begins, as a quantile of both sides together, between 0.5 and 1.
    public var tailQuantile: Double
    /// That quantile in milliseconds.
    public var tailThresholdMilliseconds: Double?
    /// The probability, 0 to 1, that the replacement takes longer than the original; 0.5 is no difference.
    public var slowerProbability: Double?
    /// The tests that could be made.
    public var findings: [Finding]

    /// Creates the figures.
    public init(
        level: Double, original: Side, replacement: Side, tailQuantile: Double, tailThresholdMilliseconds: Double?,
        slowerProbability: Double?, findings: [Finding]
    ) {
        self.level = level
        self.original = original
        self.replacement = replacement
        self.tailQuantile = tailQuantile
        self.tailThresholdMilliseconds = tailThresholdMilliseconds
        self.slowerProbability = slowerProbability
        self.findings = findings
    }
}
