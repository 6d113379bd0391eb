/// One side of a comparison in numbers.
public struct ComparisonSummary: Sendable, Hashable {
    /// How many probes there were.
    public let attemptCount: Int
    /// How many of them failed.
    public let errorCount: Int
    /// The median latency in milliseconds; `nil` without any answer.
    public let median: Double?
    /// The tail quantile of this side's latencies in milliseconds; `nil` without any answer.
    public let tailQuantile: Double?
    /// The mean of the latencies beyond that, in milliseconds; `nil` without any answer.
    public let tailMean: Double?
    /// How many answers took longer than the quantile of both sides together; `nil` unless both sides answered.
    public let exceedances: Int?

    init(_ series: ComparisonSeries, _ sample: OrderedSample?, level: Double, threshold: Double?) {
        attemptCount = series.attemptCount
        errorCount = series.errorCount
        median = sample?.median
        tailQuantile = sample?.quantile(level)
        tailMean = sample?.tailMean(beyond: level)
        if let sample, let threshold {
            exceedances = sample.exceedances(of: threshold)
        } else {
            exceedances = nil
        }
    }

    /// How many probes were answered.
    public var answerCount: Int { attemptCount - errorCount }
}
