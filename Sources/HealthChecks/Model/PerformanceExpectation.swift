/// What one entry of a plugin's performance data must be.
struct PerformanceExpectation: Sendable, Hashable {
    /// The entry's label, without quotes.
    var label: String
    /// In the plugin's own unit.
    var thresholds: Thresholds
}
