/// The Mann–Whitney U test of whether one of two independent samples tends to greater values than the other.
///
/// Source: Mann and Whitney, Annals of Mathematical Statistics 18 (1947). The asymptotic p-value has the corrections for
/// ties and for continuity and is that of SciPy's `mannwhitneyu(method: "asymptotic")`. The exact one is that of SciPy's
/// `method: "exact"` as long as no values are equal; where some are, SciPy's ignores that, while here it is the exact
/// permutation distribution given the ties, as of SciPy's `PermutationMethod` over all permutations.
public struct MannWhitneyTest: Sendable, Hashable {
    /// How the p-value is computed.
    public enum Method: Sendable, Hashable {
        /// From the permutation distribution; time grows with (n₁ + n₂)² · min(n₁, n₂)².
        case exact
        /// From the normal distribution, corrected for ties and continuity.
        case asymptotic
        /// Exact up to `MannWhitneyTest.exactLimit`, asymptotic beyond.
        case automatic
    }

    /// Up to which product of the samples' sizes `automatic` is exact; two samples of 50 values each.
    public static let exactLimit = 2500

    /// U of the first sample: pairs in which its value is the greater, those of equal values counted half.
    public let statistic: Double
    /// The common-language effect size, U / (n₁ · n₂), 0 to 1; 0.5 is no difference.
    ///
    /// It is the probability that a value of the first sample is greater than one of the second, equal ones counted half.
    public let effectSize: Double
    /// The probability, 0 to 1, of so great a difference or a greater one between samples of one distribution.
    public let pValue: Double
    /// Whether the p-value is exact.
    public let isExact: Bool

    /// Compares `first` with `second`.
    public init(
        _ first: OrderedSample, _ second: OrderedSample, alternative: Alternative, method: Method = .automatic
    ) {
        let ranks = PooledRanks(first, second)
        let pairs = first.count * second.count
        let doubledStatistic = ranks.doubledFirstRankSum - first.count * (first.count + 1)
        statistic = Double(doubledStatistic) / 2
        effectSize = Double(doubledStatistic) / 2 / Double(pairs)
        switch method {
        case .exact: isExact = true
        case .asymptotic: isExact = false
        case .automatic: isExact = pairs <= Self.exactLimit
        }
        pValue =
            isExact
            ? Self.exact(ranks, alternative)
            : Self.asymptotic(ranks, statistic: Double(doubledStatistic) / 2, alternative)
    }

    private static func exact(_ ranks: PooledRanks, _ alternative: Alternative) -> Double {
        // The distribution of the smaller sample's rank sum is the cheaper one; the other sum is what it leaves.
        let ofFirst = ranks.firstCount <= ranks.secondCount
        let sum = ofFirst ? ranks.doubledFirstRankSum : ranks.doubledSecondRankSum
        let distribution = RankSumDistribution(
            groups: ranks.groups, drawn: min(ranks.firstCount, ranks.secondCount))
        let above = distribution.probability(atLeast: sum)
        let below = distribution.probability(atMost: sum)
        switch alternative {
        case .twoSided: return min(1, 2 * min(above, below))
        case .greater: return min(1, ofFirst ? above : below)
        case .less: return min(1, ofFirst ? below : above)
        }
    }

    private static func asymptotic(
        _ ranks: PooledRanks, statistic: Double, _ alternative: Alternative
    ) -> Double {
        let (n1, n2) = (Double(ranks.firstCount), Double(ranks.secondCount))
        let count = n1 + n2
        let variance = n1 * n2 / 12 * ((count + 1) - ranks.tieTerm / (count * (count - 1)))
        guard variance > 0, ranks.groups.count > 1 else { return 1 }  // all values are equal
        let excess: Double
        switch alternative {
        case .twoSided: excess = abs(statistic - n1 * n2 / 2)
        case .greater: excess = statistic - n1 * n2 / 2
        case .less: excess = n1 * n2 / 2 - statistic
        }
        let tail = NormalDistribution.survival((excess - 0.5) / variance.squareRoot())
        return alternative == .twoSided ? min(1, 2 * tail) : tail
    }
}
