internal import Documents

/// The format of a `duration` assertion, and of the number of requests that its quantiles are taken of.
enum DurationFormat {
    /// How many requests one measurement sends.
    static let requests = DocumentKey(
        "requests", DocumentFormat<Int>.integer(in: 1...1000), defaultText: "1",
        summary: "How many requests one measurement makes, one after another; all of them must be good.")

    private static let phase = DocumentKey(
        "phase", DocumentFormat<ProbePhase>.choice, defaultText: "total", summary: "Which part of the probe.")
    private static let quantile = DocumentKey(
        "quantile", DocumentFormat<Double>.number(in: 0.01...0.999),
        summary: "Which quantile of several requests is judged, such as 0.95; without it each request is.")

    /// A `duration` assertion.
    static let duration = DocumentFormat<Assertion>.object(
        "duration", keys: [phase.shape, quantile.shape] + ThresholdFormat.rows(.span),
        rules: [ThresholdFormat.rule]
    ) { object in
        let phase = object.contains("phase") ? object[phase] : .total
        let quantile = object[quantile]
        let thresholds = ThresholdFormat.read(object, .span)
        guard let phase, let thresholds, quantile != nil || !object.contains("quantile") else { return nil }
        return .duration(DurationExpectation(phase: phase, thresholds: thresholds, quantile: quantile))
    }
}
