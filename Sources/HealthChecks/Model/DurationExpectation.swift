/// How long a request may take.
struct DurationExpectation: Sendable, Hashable {
    var phase: ProbePhase
    /// In milliseconds.
    var thresholds: Thresholds
    /// Which quantile of several requests is judged, above 0 and below 1; `nil` judges each request.
    var quantile: Double?

    /// How many requests a quantile up to this one needs, so that at least one is expected above it.
    static let steps: [(quantile: Double, requests: Int)] = [
        (0.5, 2), (0.75, 4), (0.8, 5), (0.9, 10), (0.95, 20), (0.98, 50), (0.99, 100), (0.995, 200), (0.998, 500),
        (0.999, 1000),
    ]

    /// The smallest number of requests of which the quantile says something.
    var minimumRequests: Int {
        guard let quantile else { return 1 }
        return Self.steps.first { quantile <= $0.quantile }?.requests ?? .max
    }
}
