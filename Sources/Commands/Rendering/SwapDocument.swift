import Engine
import FoundationEssentials
import Workflow

/// One event of a swap as scripts read it; new keys may be added, existing ones keep their meaning.
struct EventDocument: Codable {
    var type = "event"
    var swap: SwapID
    var sequence: Int
    var epoch: Int
    var atMilliseconds: Int64
    var state: String
    var isPaused: Bool
    var hasEnded: Bool
    var reasons: [String]
    var calls: [String]
    var event: SwapEvent

    init(_ record: JournalRecord, _ swap: Swap) {
        self.swap = swap.id
        sequence = record.sequence
        epoch = record.epoch
        atMilliseconds = record.entry.at.milliseconds
        state = record.entry.summary.state
        isPaused = record.entry.summary.isPaused
        hasEnded = record.entry.summary.hasEnded
        reasons = record.entry.reasons
        calls = record.entry.intents.map(\.request.summary)
        event = record.entry.event
    }
}

/// A swap as scripts read it.
struct SwapDocument: Codable {
    var type = "swap"
    var swap: SwapID
    var state: String
    var explanation: String
    var exitCode: Int32
    var isPaused: Bool
    var hasEnded: Bool
    var provider: ProviderName
    /// `blue-green`, or `in-place` also after a fallback.
    var strategy: Strategy
    var original: InstanceID
    var replacement: InstanceID?
    /// What the update in place did; absent until it has ended, and for blue-green.
    var update: UpdateResult?
    var planHash: String
    var createdAtMilliseconds: Int64
    var updatedAtMilliseconds: Int64
    var deadlineMilliseconds: Int64?
    var holdUntilMilliseconds: Int64?
    var callCount: Int
    /// The requests made of the provider's services so far; absent where there are none to count.
    var apiCalls: RequestCount?
    /// How long the drives of the swap took that have ended; absent before the first has.
    var drivenMs: Int64?
    /// Of that, what the drives took themselves: the rest waited for the provider, routers, machines, checks and people.
    var overheadMs: Int64?
    var driver: LeaseHolder?
    var reasons: [String]
    var next: [String]
    var evidence: String

    init(_ swap: Swap, reasons: [String], driver: LeaseHolder?, evidence: EvidenceStore) {
        self.swap = swap.id
        state = swap.state.name
        explanation = swap.explanation
        exitCode = ExitStatus(ended: swap.state).rawValue
        isPaused = swap.pausedAt != nil
        hasEnded = swap.state.isFinal
        provider = swap.plan.provider
        strategy = swap.strategy
        original = swap.plan.original.id
        replacement = swap.launched
        update = swap.updateResult ?? evidence.read(UpdateResult.self, from: EvidenceFile.update, of: swap.id)
        planHash = swap.planHash
        createdAtMilliseconds = swap.createdAt.milliseconds
        updatedAtMilliseconds = swap.updatedAt.milliseconds
        deadlineMilliseconds = swap.deadline?.milliseconds
        if case .holding(let hold) = swap.state { holdUntilMilliseconds = hold.until.milliseconds }
        callCount = swap.lastIssuedCallNumber
        apiCalls = RequestTally.read(swap.id, from: evidence)
        let timing = DriveTimes(evidence: evidence).read(swap.id)
        drivenMs = timing?.totalMilliseconds
        overheadMs = timing?.overheadMilliseconds
        self.driver = driver
        self.reasons = reasons
        next = swap.nextCommands
        self.evidence = evidence.folder(of: swap.id).path
    }
}
