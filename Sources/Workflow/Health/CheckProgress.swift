/// Where one check stands after its newest measurement.
public struct CheckProgress: Sendable, Hashable, Codable {
    /// The check.
    public var check: CheckID
    /// The newest measurement.
    public var measurement: Measurement
    /// Consecutive non-critical measurements so far.
    public var successes: Int
    /// Consecutive counted criticals so far.
    public var failures: Int
    /// What the check waits for, in words, such as `2 of 3 passes` or `held healthy 12s of 30s`.
    public var detail: String

    /// Creates a progress report.
    public init(check: CheckID, measurement: Measurement, successes: Int, failures: Int, detail: String) {
        self.check = check
        self.measurement = measurement
        self.successes = successes
        self.failures = failures
        self.detail = detail
    }
}
