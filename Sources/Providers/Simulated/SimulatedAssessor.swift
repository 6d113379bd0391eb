public import Workflow

/// Runs health checks on simulated machines: every second one measurement of each check, judged like real ones.
public struct SimulatedAssessor: HealthAssessor {
    /// One check that a simulated assessor runs.
    public struct Check: Sendable {
        /// The check's name.
        public var id: CheckID
        /// In which phases it takes part.
        public var phases: Set<CheckPhase>
        /// Whether its verdict counts.
        public var isEnforced: Bool

        /// Creates a check.
        public init(_ id: CheckID, phases: Set<CheckPhase> = Set(CheckPhase.allCases), isEnforced: Bool = true) {
            self.id = id
            self.phases = phases
            self.isEnforced = isEnforced
        }
    }

    private static let interval = Span.seconds(1)
    /// Consecutive measurements that decide.
    private static let threshold = 3
    /// The longest that checks go on without a verdict.
    private static let patience = Span.seconds(20)

    private let checks: [Check]
    private let cloud: SimulatedCloud
    private let process: SimulatedProcess

    /// Creates the assessor of one process.
    public init(_ checks: [Check], cloud: SimulatedCloud, for process: SimulatedProcess) {
        self.checks = checks
        self.cloud = cloud
        self.process = process
    }

    /// Runs the checks of the request's phase until they have a verdict.
    public func assess(
        _ request: AssessmentRequest, onProgress: @escaping @Sendable (CheckProgress) -> Void
    ) async throws -> HealthAssessment {
        let selected = checks.filter { $0.phases.contains(request.phase) }
        guard !selected.isEmpty else { return HealthAssessment(results: []) }
        var tally = Tally()
        let start = process.monotonicMilliseconds()
        while true {
            let elapsed = Span(milliseconds: process.monotonicMilliseconds() - start)
            if let verdict = tally.verdict(in: request.mode, after: elapsed, patience: Self.patience) {
                return assessment(verdict, of: selected, tally: tally)
            }
            try await process.sleep(for: tally.count == 0 ? .milliseconds(20) : Self.interval)
            let measurement = measure(request.instance.id)
            tally.count(measurement, threshold: Self.threshold)
            for check in selected {
                onProgress(
                    CheckProgress(
                        check: check.id, measurement: measurement, successes: tally.passes, failures: tally.failures,
                        detail: "measurement \(tally.count)"))
            }
        }
    }

    private func measure(_ id: InstanceID) -> Measurement {
        let now = cloud.clock.now
        let at = process.wallTime()
        guard let machine = cloud.machine(id) else {
            return Measurement(at: at, outcome: .critical, reason: "connect", actual: "no answer")
        }
        guard machine.isMeasurable(at: now) else {
            return Measurement(at: at, outcome: .unknown, reason: "dns", actual: "our own name server does not answer")
        }
        switch machine.health(at: now) {
        case .healthy: return Measurement(at: at, outcome: .ok, reason: "ok", actual: "200")
        case .warning: return Measurement(at: at, outcome: .warning, reason: "assertion:1", actual: "slow")
        case .failing: return Measurement(at: at, outcome: .critical, reason: "assertion:0", actual: "503")
        }
    }

    private func assessment(_ verdict: CheckResult.Verdict, of checks: [Check], tally: Tally) -> HealthAssessment {
        let reason =
            switch verdict {
            case .pass: "healthy"
            case .warning: "slow answers"
            case .fail: "answers 503"
            case .inconclusive: "not enough could be measured"
            }
        return HealthAssessment(
            results: checks.map {
                CheckResult(
                    check: $0.id, verdict: verdict, isEnforced: $0.isEnforced, reason: reason, last: tally.last,
                    measurementCount: tally.count)
            })
    }

    /// What the measurements say so far.
    private struct Tally {
        var count = 0
        var passes = 0
        var failures = 0
        var unknowns = 0
        var hasWarned = false
        var last: Measurement?

        mutating func count(_ measurement: Measurement, threshold: Int) {
            count += 1
            last = measurement
            switch measurement.outcome {
            case .ok, .warning:
                (passes, failures, unknowns) = (passes + 1, 0, 0)
                if measurement.outcome == .warning { hasWarned = true }
            case .critical: (passes, failures, unknowns) = (0, failures + 1, 0)
            case .unknown: unknowns += 1
            }
        }

        func verdict(
            in mode: AssessmentRequest.Mode, after elapsed: Span, patience: Span
        ) -> CheckResult.Verdict? {
            let good: CheckResult.Verdict = hasWarned ? .warning : .pass
            if unknowns >= SimulatedAssessor.threshold + 2 { return .inconclusive }
            switch mode {
            case .once:
                if failures > 0 { return .fail }
                return passes > 0 ? good : nil
            case .untilVerdict:
                if passes >= SimulatedAssessor.threshold { return good }
                if failures >= SimulatedAssessor.threshold { return .fail }
                return elapsed >= patience ? .inconclusive : nil
            case .watch(let span):
                if failures >= SimulatedAssessor.threshold { return .fail }
                guard elapsed >= span, count > 0 else { return nil }
                if failures > 0 || passes > 0 { return failures > 0 ? nil : good }
                return elapsed >= span + patience ? .inconclusive : nil
            }
        }
    }
}
