/// One swap: its plan, where it stands, and everything needed to go on from there.
///
/// A value rebuilt by replaying the journal through `decide`; it does no input or output and knows no clock.
public struct Swap: Sendable, Hashable, Codable {
    /// The swap's id.
    public let id: SwapID
    /// The frozen plan.
    public let plan: Plan
    /// The plan's SHA-256, in hexadecimal.
    public let planHash: String
    /// How the original is updated: as the plan says, until a fallback changes it.
    public internal(set) var strategy: Strategy
    /// Where the swap stands.
    public internal(set) var state: SwapState
    /// When the swap was created.
    public let createdAt: WallTime
    /// When the newest event happened.
    public internal(set) var updatedAt: WallTime
    /// When the present state was entered.
    public internal(set) var enteredAt: WallTime
    /// When the present state must be over; `nil` for a state without a deadline.
    public internal(set) var deadline: WallTime?
    /// When the original must be held; `nil` before preflight and after the original is stopped.
    public internal(set) var totalDeadline: WallTime?
    /// Since when the swap is paused; `nil` when it is not.
    public internal(set) var pausedAt: WallTime?
    /// The instance that the launch created, kept when the swap has ended.
    public internal(set) var launched: InstanceID?
    /// Checks that already fail on the original and are therefore no evidence against the replacement.
    public internal(set) var excusedChecks: [CheckID]
    /// The highest call number given out.
    public internal(set) var lastCallNumber: Int
    /// The highest call number whose intent is journalled.
    public internal(set) var lastIssuedCallNumber: Int

    /// Creates a swap from its first event.
    public init(_ creation: SwapCreation, at time: WallTime) {
        id = creation.id
        plan = creation.plan
        planHash = creation.planHash
        strategy = creation.plan.strategy ?? .blueGreen
        state = .planned
        createdAt = time
        updatedAt = time
        enteredAt = time
        deadline = nil
        totalDeadline = nil
        pausedAt = nil
        launched = nil
        excusedChecks = []
        lastCallNumber = 0
        lastIssuedCallNumber = 0
    }

    /// Rebuilds a swap from its journal; `nil` when the records do not begin with its creation.
    public static func replay(_ records: [JournalRecord]) -> Swap? {
        guard let first = records.first, case .created(let creation) = first.entry.event else { return nil }
        var swap = Swap(creation, at: first.entry.at)
        for record in records.dropFirst() {
            swap = swap.decide(record.entry.event, at: record.entry.at).swap
        }
        return swap
    }

    /// The incoming instance, once one is known.
    public var replacement: Instance? { state.replacement }

    /// The launch token of the one attempt: derived from swap and plan, so that a repeated launch is the same launch.
    public var launchToken: LaunchToken { LaunchToken("\(id)-1-\(planHash.prefix(16))") }

    /// The name of the snapshot that is taken before an update in place.
    public var snapshotName: String { "changeover-\(id)" }

    /// What the update in place has done so far, or in the end; `nil` before it has ended.
    public var updateResult: UpdateResult? {
        if case .updated(let result) = state { return result }
        if case .needsOperator(let stoppage) = state { return stoppage.interrupted.inPlace?.result }
        return state.inPlace?.result
    }

    /// What the driver shall be doing now; a function of this value alone.
    public var effects: [SwapEffect] {
        let wanted = state.effects
        if pausedAt != nil {
            // A call whose intent is journalled is brought to its outcome; nothing new begins.
            return wanted.filter { effect in
                if case .perform(let call) = effect { return call.number <= lastIssuedCallNumber }
                return false
            }
        }
        return wanted + timers.map(SwapEffect.timer)
    }

    private var timers: [SwapTimer] {
        var timers: [SwapTimer] = []
        if let deadline { timers.append(.state(deadline)) }
        if let totalDeadline, state.countsAgainstTotal { timers.append(.total(totalDeadline)) }
        if case .holding(let hold) = state, hold.confirmation == nil { timers.append(.hold(hold.until)) }
        return timers
    }

    /// The swap in short, for lists.
    public var summary: SwapSummary {
        var dueAt: WallTime?
        if case .holding(let hold) = state { dueAt = hold.until }
        return SwapSummary(
            state: state.name, provider: plan.provider, original: plan.original.id, replacement: launched,
            hasEnded: state.isFinal, isPaused: pausedAt != nil, dueAt: dueAt)
    }
}
