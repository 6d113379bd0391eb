/// Why no statistic can be computed of the values given.
public enum StatisticsError: Error, Sendable, Hashable {
    /// The sample has no values.
    case empty
    /// A value is infinite or no number at all; `index` counts from 0 in the order given.
    case notFinite(index: Int)
    /// A count is below zero, or so great (beyond 10⁹) that sums of counts could overflow.
    case countOutOfRange
}
