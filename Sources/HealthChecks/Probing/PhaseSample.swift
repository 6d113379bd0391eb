internal import CurlTransport

/// How long the phases of several requests took.
struct PhaseSample: Sendable {
    private let milliseconds: [String: [Double]]

    init(_ timings: [TransferTimings]) {
        var milliseconds: [String: [Double]] = [:]
        for timing in timings {
            for (phase, value) in timing.phaseMilliseconds { milliseconds[phase, default: []].append(value) }
        }
        self.milliseconds = milliseconds.mapValues { $0.sorted() }
    }

    /// A quantile by the nearest rank: the smallest value that at least this share of the values does not exceed.
    ///
    /// Always one of the values; not a number without any. SciPy and NumPy call it `inverted_cdf`.
    func quantile(_ quantile: Double, of phase: ProbePhase) -> Double {
        Self.quantile(quantile, ofSorted: milliseconds[phase.rawValue] ?? [])
    }

    /// The medians of all phases.
    var medians: [String: Double] {
        milliseconds.mapValues { Self.quantile(0.5, ofSorted: $0) }
    }

    private static func quantile(_ quantile: Double, ofSorted values: [Double]) -> Double {
        guard !values.isEmpty else { return .nan }
        // The product of a decimal fraction and a count may be a little more than the whole number meant.
        let rank = Int((quantile * Double(values.count) - 1e-9).rounded(.up))
        return values[min(max(rank, 1), values.count) - 1]
    }
}
