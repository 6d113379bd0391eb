/// What a comparison of a replacement with its original measures, and when it fails.
public struct ComparisonDesign: Sendable, Hashable {
    /// What becomes of a comparison when one side never answered.
    public enum NoData: String, Sendable, Hashable, CaseIterable {
        /// Nothing is known: a human decides.
        case inconclusive
        /// No data counts as a regression.
        case fail
    }

    /// Why a design makes no sense.
    public enum Problem: Error, Sendable, Hashable {
        /// `minSamples` is below 1, `maxSamples` is less than that or beyond a million.
        case samples
        /// `alpha` is not above 0 and at most 0.5.
        case alpha
        /// A least ratio is below 1 or not finite.
        case ratio
        /// `tailQuantile` is not between 0.5 and 1, both excluded.
        case quantile
        /// `maxErrorIncrease` is not between 0 and 1.
        case errorIncrease
    }

    /// The greatest number of samples that may be asked for on each side.
    public static let sampleLimit = 1_000_000

    /// From how many probes on each side a verdict is given, and how many answers each side must have to pass.
    public let minSamples: Int
    /// How many probes each side gets at most.
    public let maxSamples: Int
    /// The probability of failing a replacement that does not differ, at most, over all tests and looks.
    public let alpha: Double
    /// From which ratio of the medians (replacement / original) on a slowdown counts, 1 or more.
    public let minMedianRatio: Double
    /// Where the tail begins, as a quantile of both samples together; between 0.5 and 1.
    public let tailQuantile: Double
    /// From which ratio of the tails' means (replacement / original) on a slower tail counts, 1 or more.
    public let minTailRatio: Double
    /// Up to which difference of the error rates (replacement − original, 0 to 1) more errors do not count.
    public let maxErrorIncrease: Double
    /// What becomes of a comparison when one side never answered.
    public let onNoData: NoData

    /// Takes the parameters; those left out are as in the check language's example.
    public init(
        minSamples: Int = 200, maxSamples: Int = 1000, alpha: Double = 0.02, minMedianRatio: Double = 1.10,
        tailQuantile: Double = 0.95, minTailRatio: Double = 1.5, maxErrorIncrease: Double = 0.005,
        onNoData: NoData = .inconclusive
    ) throws(Problem) {
        guard minSamples >= 1, minSamples <= maxSamples, maxSamples <= Self.sampleLimit else { throw .samples }
        guard alpha > 0, alpha <= 0.5 else { throw .alpha }
        guard minMedianRatio >= 1, minMedianRatio.isFinite, minTailRatio >= 1, minTailRatio.isFinite else {
            throw .ratio
        }
        guard tailQuantile > 0.5, tailQuantile < 1 else { throw .quantile }
        guard maxErrorIncrease >= 0, maxErrorIncrease <= 1 else { throw .errorIncrease }
        self.minSamples = minSamples
        self.maxSamples = maxSamples
        self.alpha = alpha
        self.minMedianRatio = minMedianRatio
        self.tailQuantile = tailQuantile
        self.minTailRatio = minTailRatio
        self.maxErrorIncrease = maxErrorIncrease
        self.onNoData = onNoData
    }

    /// After how many probes on each side the data are looked at: `minSamples`, doubled again and again, `maxSamples`.
    ///
    /// A doubling that would come so late that `maxSamples` follows within less than √2 times of it is left out.
    public var looks: [Int] {
        var looks: [Int] = []
        var size = minSamples
        while size * size * 2 <= maxSamples * maxSamples {
            looks.append(size)
            size *= 2
        }
        return looks + [maxSamples]
    }

    /// Whether a single look at that many answers of each side could pass a replacement.
    ///
    /// It cannot where no difference of the tails could come out significant, however slow the replacement were.
    public func canPass(withAnswers count: Int) -> Bool {
        canPass(withAnswers: count, level: alpha)
    }

    /// Whether the last of the `looks` could pass a replacement of which every probe was answered.
    public var canPassAtLastLook: Bool {
        let before = looks.dropLast().last ?? 0
        return canPass(withAnswers: maxSamples, level: alpha * Double(maxSamples - before) / Double(maxSamples))
    }

    /// The least number of answers of each side, `minSamples` or more, with which a single look could pass a
    /// replacement; `nil` where 100,000 are not enough.
    public var leastSamplesForPass: Int? {
        (minSamples...max(minSamples, 100_000)).first(where: canPass(withAnswers:))
    }

    private func canPass(withAnswers count: Int, level: Double) -> Bool {
        // Without a single error the family is the two tests of latencies.
        count >= minSamples && ComparisonEvidence.canSeeTail(count, count, self, level / 2)
    }
}
