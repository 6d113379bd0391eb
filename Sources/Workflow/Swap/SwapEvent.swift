/// Everything that can happen to a swap: what its driver reports, what operators ask, what the clock says.
public enum SwapEvent: Sendable, Hashable, Codable {
    /// The swap was recorded; always the first event.
    case created(SwapCreation)
    /// A process took the swap up, first or again; time in which nobody drove does not count against deadlines.
    case driven(by: LeaseHolder)
    /// Preflight read everything it had to.
    case preflightCompleted(PreflightReport)
    /// A call was made, or was found to have been made already.
    case callSucceeded(number: Int, outcome: CallOutcome)
    /// A call was given up after its retries.
    case callFailed(number: Int, failure: CallFailure)
    /// What was waited for is true; `instance` is what was read, where one was.
    case observed(Observation, instance: Instance?)
    /// What was waited for can no longer come true.
    case observationFailed(Observation, reason: String)
    /// The call before has no effect to wait for: its provider or machine has no record of it, or it broke off.
    case effectMissing(Observation, reason: String)
    /// An update has ended on its machine, well or not.
    case updateEnded(UpdateToken, UpdateResult)
    /// Health checks have a verdict.
    case assessed(Assessment, result: HealthAssessment)
    /// Evidence was written; `problems` names what could not be had.
    case evidenceSaved(problems: [String])
    /// A timer of this state fired; `seen` is what the last look saw instead of what was waited for, where there was one.
    case timerFired(SwapTimer, seen: String? = nil)
    /// An operator asked for something.
    case operatorRequested(OperatorRequest)
}

/// The first event of a swap.
public struct SwapCreation: Sendable, Hashable, Codable {
    /// The swap's id.
    public var id: SwapID
    /// The frozen plan.
    public var plan: Plan
    /// The plan's SHA-256, in hexadecimal.
    public var planHash: String

    /// Creates the first event.
    public init(id: SwapID, plan: Plan, planHash: String) {
        self.id = id
        self.plan = plan
        self.planHash = planHash
    }
}

/// What preflight found.
public struct PreflightReport: Sendable, Hashable, Codable {
    /// Obstacles, warnings and notes.
    public var findings: [PreflightFinding]
    /// The baseline checks on the original; `nil` when an obstacle made them pointless.
    public var baseline: HealthAssessment?

    /// Creates a report.
    public init(findings: [PreflightFinding], baseline: HealthAssessment?) {
        self.findings = findings
        self.baseline = baseline
    }
}

/// A timer of a swap; a fired timer that its state no longer has is ignored.
public enum SwapTimer: Sendable, Hashable, Codable {
    /// The present state's deadline.
    case state(WallTime)
    /// The deadline of the whole swap up to the held original.
    case total(WallTime)
    /// The end of the hold.
    case hold(WallTime)

    /// When it fires.
    public var at: WallTime {
        switch self {
        case .state(let time), .total(let time), .hold(let time): time
        }
    }
}
