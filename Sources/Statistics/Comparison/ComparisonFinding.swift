/// What one of the tests of a comparison found.
public struct ComparisonFinding: Sendable, Hashable {
    /// What a test is about.
    public enum Measure: String, Sendable, Hashable, CaseIterable {
        /// A general shift of the latencies: Mann–Whitney U; the effect is the ratio of the medians.
        case latency
        /// The slowest answers: Fisher's exact test on those beyond the quantile of both samples together; the effect is
        /// the ratio of the tails' means.
        case tail
        /// Failed probes: Fisher's exact test; the effect is the difference of the error rates, −1 to 1.
        case errors
    }

    /// What the test is about.
    public let measure: Measure
    /// How much worse the replacement is, see `Measure`; infinite where the original's time is zero.
    public let effect: Double
    /// The effect from which on it counts; for errors, beyond which it counts.
    public let limit: Double
    /// The one-sided p-value, 0 to 1, of the replacement being worse.
    public let pValue: Double
    /// The p-value adjusted for the other tests by Holm's procedure, 0 to 1.
    public let adjustedPValue: Double
    /// Whether the adjusted p-value is at most the level of the look.
    public let isSignificant: Bool

    /// Whether the effect is great enough to count.
    public var isRelevant: Bool {
        switch measure {
        case .latency, .tail: effect >= limit
        case .errors: effect > limit
        }
    }

    /// Whether this alone fails the replacement.
    public var isRegression: Bool { isSignificant && isRelevant }
}
