internal import Documents
internal import Workflow

/// What a `defaults` mapping or a check says about timing; `nil` where it says nothing.
struct TimingOverrides: Sendable {
    var interval: Span?
    var timeout: Span?
    var startupGrace: Span?
    var successThreshold: Int?
    var failureThreshold: Int?
    var stableFor: Span?
    var deadline: Span?
    var maxTransitions: Int?
    var consecutiveErrorLimit: Int?
    var severity: CheckTiming.Severity?
    var mode: CheckTiming.Mode?
    var phases: [CheckPhase]?

    /// What is said here, and where nothing is, what `base` says.
    func overlaid(on base: TimingOverrides) -> TimingOverrides {
        TimingOverrides(
            interval: interval ?? base.interval, timeout: timeout ?? base.timeout,
            startupGrace: startupGrace ?? base.startupGrace,
            successThreshold: successThreshold ?? base.successThreshold,
            failureThreshold: failureThreshold ?? base.failureThreshold, stableFor: stableFor ?? base.stableFor,
            deadline: deadline ?? base.deadline, maxTransitions: maxTransitions ?? base.maxTransitions,
            consecutiveErrorLimit: consecutiveErrorLimit ?? base.consecutiveErrorLimit,
            severity: severity ?? base.severity, mode: mode ?? base.mode, phases: phases ?? base.phases)
    }

    /// The timing with everything said here put in.
    func applied(to timing: CheckTiming) -> CheckTiming {
        var timing = timing
        timing.interval = interval ?? timing.interval
        timing.timeout = timeout ?? timing.timeout
        timing.startupGrace = startupGrace ?? timing.startupGrace
        timing.successThreshold = successThreshold ?? timing.successThreshold
        timing.failureThreshold = failureThreshold ?? timing.failureThreshold
        timing.stableFor = stableFor ?? timing.stableFor
        timing.deadline = deadline ?? timing.deadline
        timing.maxTransitions = maxTransitions ?? timing.maxTransitions
        timing.consecutiveErrorLimit = consecutiveErrorLimit ?? timing.consecutiveErrorLimit
        timing.severity = severity ?? timing.severity
        timing.mode = mode ?? timing.mode
        timing.phases = phases ?? timing.phases
        return timing
    }
}

/// The timing keys, the same in `defaults` and on every check.
enum TimingKeys {
    private static let limits: ClosedRange<Span> = .milliseconds(1)...(.hours(24 * 7))
    private static let limitsWithZero: ClosedRange<Span> = .zero...(.hours(24 * 7))

    private static let interval = DocumentKey(
        "interval", .span(in: .milliseconds(100)...(.hours(24))), defaultText: "10s",
        summary: "How often the check is measured.")
    private static let timeout = DocumentKey(
        "timeout", .span(in: .milliseconds(1)...(.hours(1))), defaultText: "5s",
        summary: "How long one measurement may take; a patched check has at least 60s unless it says otherwise itself.")
    private static let startupGrace = DocumentKey(
        "startupGrace", .span(in: limitsWithZero), defaultText: "5m",
        summary: "How long failures are shown and not counted; the first pass ends it.")
    private static let successThreshold = DocumentKey(
        "successThreshold", .integer(in: 1...1000), defaultText: "3", summary: "Passes in a row that make healthy.")
    private static let failureThreshold = DocumentKey(
        "failureThreshold", .integer(in: 1...1000), defaultText: "3", summary: "Failures in a row that fail the check.")
    private static let stableFor = DocumentKey(
        "stableFor", .span(in: limitsWithZero), defaultText: "30s",
        summary: "How long the check must be held healthy, counted from the first pass.")
    private static let deadline = DocumentKey(
        "deadline", .span(in: limits), defaultText: "15m", summary: "When an undecided check is given up.")
    private static let maxTransitions = DocumentKey(
        "maxTransitions", .integer(in: 0...1000), defaultText: "4",
        summary: "More flips between healthy and failing than this restart the time in stableFor.")
    private static let consecutiveErrorLimit = DocumentKey(
        "consecutiveErrorLimit", .integer(in: 1...1000), defaultText: "4",
        summary: "Measurements in a row that fail on our side and make the check inconclusive.")
    private static let severity = DocumentKey(
        "severity", DocumentFormat<CheckTiming.Severity>.choice, defaultText: "critical",
        summary: "With warning, the check at worst warns.")
    private static let mode = DocumentKey(
        "mode", DocumentFormat<CheckTiming.Mode>.choice, defaultText: "enforce",
        summary: "With observe, the check is shown and never decides.")
    private static let phase = DocumentKey(
        "phase", phaseFormat, defaultText: "[verify, bake]", summary: "When in a swap the check takes part.")

    private static let phaseFormat = DocumentFormat<[CheckPhase]>.set(of: .choice, problem: "a phase is named twice")

    /// The rows of the table.
    static let rows = [
        interval.shape, timeout.shape, startupGrace.shape, successThreshold.shape, failureThreshold.shape,
        stableFor.shape, deadline.shape, maxTransitions.shape, consecutiveErrorLimit.shape, severity.shape, mode.shape,
        phase.shape,
    ]

    /// Reads whatever timing a mapping contains.
    static func read(_ object: DocumentObject) -> TimingOverrides? {
        TimingOverrides(
            interval: object[interval], timeout: object[timeout], startupGrace: object[startupGrace],
            successThreshold: object[successThreshold], failureThreshold: object[failureThreshold],
            stableFor: object[stableFor], deadline: object[deadline], maxTransitions: object[maxTransitions],
            consecutiveErrorLimit: object[consecutiveErrorLimit], severity: object[severity], mode: object[mode],
            phases: object[phase])
    }
}
