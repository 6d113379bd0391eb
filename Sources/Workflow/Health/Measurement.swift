/// One run of one probe, judged against its assertions.
public struct Measurement: Sendable, Hashable, Codable {
    /// What one measurement says.
    public enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
        /// Every assertion holds.
        case ok
        /// An assertion is in its warning range.
        case warning
        /// An assertion fails, or the service does not answer.
        case critical
        /// Our side failed; says nothing of the service.
        case unknown
    }

    /// When the probe started.
    public var at: WallTime
    /// What it says.
    public var outcome: Outcome
    /// A stable word, such as `ok`, `dns`, `connect`, `tls`, `timeout`, `assertion:0` or `patched:pending`.
    public var reason: String
    /// What was measured, redacted.
    public var actual: String
    /// What was wanted.
    public var expected: String
    /// The probe's own duration in milliseconds, by phase for network probes, always with `total`.
    public var phaseMilliseconds: [String: Double]

    /// Creates a measurement.
    public init(
        at: WallTime, outcome: Outcome, reason: String, actual: String = "", expected: String = "",
        phaseMilliseconds: [String: Double] = [:]
    ) {
        self.at = at
        self.outcome = outcome
        self.reason = reason
        self.actual = actual
        self.expected = expected
        self.phaseMilliseconds = phaseMilliseconds
    }
}
