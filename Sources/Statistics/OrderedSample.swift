/// A sample in ascending order: one value or more, each finite.
public struct OrderedSample: Sendable, Hashable {
    /// The values, ascending; never empty.
    public let values: [Double]

    /// Orders `values`; throws where there are none, or where one is not finite.
    public init(_ values: [Double]) throws(StatisticsError) {
        guard !values.isEmpty else { throw .empty }
        if let index = values.firstIndex(where: { !$0.isFinite }) { throw .notFinite(index: index) }
        self.values = values.sorted()
    }

    /// How many values there are, at least 1.
    public var count: Int { values.count }

    /// The middle value, or the mean of the two in the middle.
    public var median: Double { quantile(0.5) }

    /// The quantile of `level`, 0 to 1 (what is outside counts as the nearer end), by linear interpolation.
    ///
    /// This is type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (The American Statistician 50,
    /// 1996), the default of NumPy and R: with n values the quantile is at position (n − 1) · level, counted from 0.
    public func quantile(_ level: Double) -> Double {
        let position = Double(count - 1) * min(max(level, 0), 1)
        let below = Int(position)
        let share = position - Double(below)
        guard share > 0, below + 1 < count else { return values[below] }
        let (low, high) = (values[below], values[below + 1])
        // From the nearer end, so that the result never leaves the interval by rounding.
        return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share)
    }

    /// The mean of the greatest values, those beyond the quantile of `level`: the (1 − level) · n greatest, at least one.
    ///
    /// Known as expected shortfall. Unlike the quantile itself it does not jump when just that share of values is odd.
    public func tailMean(beyond level: Double) -> Double {
        let share = Double(count) * (1 - min(max(level, 0), 1))
        let tail = values.suffix(max(1, Int(share.rounded())))
        return tail.reduce(0, +) / Double(tail.count)
    }

    /// How many values are greater than `threshold`.
    public func exceedances(of threshold: Double) -> Int {
        values.count { $0 > threshold }
    }

    /// The values of both samples as one.
    public func pooled(with other: OrderedSample) -> OrderedSample {
        OrderedSample(ordered: (values + other.values).sorted())
    }

    private init(ordered: [Double]) {
        values = ordered
    }
}
