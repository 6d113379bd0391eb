import Foundation

@testable import Statistics

/// How a simulated side answers probes.
struct Workload {
    /// The median latency in milliseconds.
    var median = 50.0
    /// The standard deviation of the latency's logarithm.
    var spread = 0.5
    /// The share of answers, 0 to 1, that take `slowFactor` times as long.
    var slowShare = 0.0
    var slowFactor = 10.0
    /// The share of probes, 0 to 1, that fail.
    var errorRate = 0.0
    /// What the clock rounds to, in milliseconds; `nil` for no rounding.
    var resolution: Double?

    /// Adds `count` probes to `series`.
    func probe(_ count: Int, into series: inout ComparisonSeries, _ random: inout SeededRandom) {
        for _ in 0..<count {
            if errorRate > 0, random.unit() <= errorRate {
                series.errorCount += 1
                continue
            }
            var latency = median * exp(spread * random.normal())
            if slowShare > 0, random.unit() <= slowShare { latency *= slowFactor }
            if let resolution { latency = (latency / resolution).rounded() * resolution }
            series.latencies.append(latency)
        }
    }
}
