/// How one check ended.
public struct CheckResult: Sendable, Hashable, Codable {
    /// A check's verdict over all its measurements.
    public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
        /// Healthy, and held so for as long as the check asks.
        case pass
        /// Healthy, with warnings.
        case warning
        /// Not healthy.
        case fail
        /// Not enough could be measured to say.
        case inconclusive
    }

    /// The check.
    public var check: CheckID
    /// Its verdict.
    public var verdict: Verdict
    /// Whether the verdict counts: `false` for a check in observe mode.
    public var isEnforced: Bool
    /// Why, in one sentence.
    public var reason: String
    /// The deciding measurement.
    public var last: Measurement?
    /// How many measurements were taken.
    public var measurementCount: Int
    /// What a comparison with the original measured; `nil` for other checks, and where nothing was compared.
    public var comparison: ComparisonFigures?

    /// Creates a result.
    public init(
        check: CheckID, verdict: Verdict, isEnforced: Bool, reason: String, last: Measurement?, measurementCount: Int,
        comparison: ComparisonFigures? = nil
    ) {
        self.check = check
        self.verdict = verdict
        self.isEnforced = isEnforced
        self.reason = reason
        self.last = last
        self.measurementCount = measurementCount
        self.comparison = comparison
    }
}
