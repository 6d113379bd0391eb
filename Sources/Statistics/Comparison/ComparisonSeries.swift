/// What one side's probes have given so far.
public struct ComparisonSeries: Sendable, Hashable {
    /// How long each answered probe took, in milliseconds; finite and not negative.
    public var latencies: [Double]
    /// How many probes failed on the target's side: no answer, or one that says so.
    public var errorCount: Int

    /// Takes the latencies in milliseconds and the number of failed probes.
    public init(latencies: [Double] = [], errorCount: Int = 0) {
        self.latencies = latencies
        self.errorCount = errorCount
    }

    /// How many probes there were.
    public var attemptCount: Int { latencies.count + errorCount }
    /// The share of probes that failed, 0 to 1; 0 without probes.
    public var errorRate: Double { attemptCount > 0 ? Double(errorCount) / Double(attemptCount) : 0 }

    /// How many probes count for the schedule of looks; none where the count of errors is impossible.
    var probeCount: Int { (0...ContingencyTable.countLimit).contains(errorCount) ? attemptCount : 0 }

    /// Whether the numbers can be what they are said to be.
    var isValid: Bool {
        (0...ContingencyTable.countLimit).contains(errorCount) && latencies.allSatisfy { $0.isFinite && $0 >= 0 }
    }
}
