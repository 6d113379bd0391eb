internal import Statistics
internal import Workflow

/// Whether the replacement answers another check's probe slower, or fails it more often, than the original does.
struct CompareCheck: Sendable, Hashable {
    /// What the replacement is compared with.
    enum Baseline: String, Sendable, Hashable, CaseIterable {
        /// The instance that is being replaced.
        case original
    }

    /// The shortest time from one pair of probes to the next, unless the check itself says otherwise.
    static let interval: Span = .milliseconds(200)
    /// The longest time, unless the check itself says otherwise.
    ///
    /// A comparison that has not taken all pairs by then passes with what it has; a swap's own deadline for verifying, 15
    /// minutes unless the playbook says otherwise, rolls back.
    static let deadline: Span = .minutes(10)
    /// When there are two instances to compare.
    static let phases: [CheckPhase] = [.verify, .bake]

    /// The check of the same file whose probe both sides get.
    var probe: String
    /// How much is measured, and when it fails.
    var design: ComparisonDesign

    /// The defaults of a file as far as they concern a comparison.
    ///
    /// Their `interval` is that of single measurements; a comparison would take hours with it.
    func adapted(_ defaults: CheckTiming) -> CheckTiming {
        var timing = defaults
        timing.interval = Self.interval
        timing.deadline = min(defaults.deadline, Self.deadline)
        timing.phases = defaults.phases.filter(Self.phases.contains)
        return timing
    }

    /// The time after which a comparison passes whose probes take no time: that of all pairs, or its deadline.
    func usualPass(_ timing: CheckTiming) -> Span {
        min(timing.deadline, .milliseconds(timing.interval.milliseconds * Int64(design.maxSamples - 1)))
    }

    /// The shortest time in which a comparison can pass: that of its least number of pairs.
    func shortestPass(_ timing: CheckTiming) -> Span {
        .milliseconds(timing.interval.milliseconds * Int64(design.minSamples - 1))
    }
}
