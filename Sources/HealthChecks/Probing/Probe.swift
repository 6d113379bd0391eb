internal import Workflow

/// Measures one thing once.
protocol Probe: Sendable {
    /// Measures; ends soon after the timeout and at once on cancellation, whose reading is thrown away.
    func read(timeout: Span) async -> ProbeReading
}

/// What one probe found, before it is redacted and dated.
struct ProbeReading: Sendable, Hashable {
    var outcome: Measurement.Outcome
    var reason: String
    var actual = ""
    var expected = ""
    var phaseMilliseconds: [String: Double] = [:]
}
