/// The half of the journal that only reads; any process may hold one beside the driver.
public protocol JournalReader: Sendable {
    /// Lists swaps, newest first; only those that have not ended when `liveOnly`.
    func swaps(liveOnly: Bool) async throws(JournalError) -> [SwapRow]

    /// Reads one swap's row; `nil` when the store does not know it.
    func swap(_ id: SwapID) async throws(JournalError) -> SwapRow?

    /// Reads a swap's records with a sequence above `sequence`, in order.
    func records(of id: SwapID, after sequence: Int) async throws(JournalError) -> [JournalRecord]

    /// Reads a swap's log lines with a number above `number`, in order, at most `limit`.
    func logLines(of id: SwapID, after number: Int64, limit: Int) async throws(JournalError) -> [LogLine]

    /// A number that changes whenever any process has committed to the store; cheap enough to ask every 50 ms.
    func changeCounter() async throws(JournalError) -> Int64
}

/// The durable history of all swaps, shared by every process that drives or watches.
///
/// A method that returns has synced what it wrote. Nothing is ever changed or removed, only appended.
public protocol Journal: JournalReader {
    /// Records a new swap with its first record, and gives its lease to `holder`, in one transaction.
    ///
    /// Throws `instanceBusy` when a live swap already claims one of `claims` (instances and traffic slots).
    func create(
        _ id: SwapID, claims: [String], first: JournalEntry, holder: LeaseHolder, leaseLength: Span
    ) async throws(JournalError) -> Lease

    /// Takes the lease of a swap with a new, higher epoch.
    ///
    /// Succeeds when nobody holds it, when it has expired, or when its holder's process is provably gone; throws
    /// `leaseHeld` otherwise.
    func acquireLease(
        of id: SwapID, holder: LeaseHolder, leaseLength: Span
    ) async throws(JournalError) -> Lease

    /// Extends a lease from now; throws `leaseLost` when another epoch holds it.
    func renew(_ lease: Lease, leaseLength: Span) async throws(JournalError) -> Lease

    /// Gives a lease up; does nothing when it is lost already.
    func release(_ lease: Lease) async throws(JournalError)

    /// Appends one record under a lease, in one synced transaction, and returns its sequence.
    ///
    /// The instances that the record's summary names are claimed from then on, so that nobody swaps a replacement whose
    /// own swap is not over.
    ///
    /// `expectedSequence` is the sequence the record must get; throws `leaseLost` when the epoch is stale or the
    /// sequence is taken. Marks the operator's request that caused the record, if any, as taken.
    @discardableResult
    func append(
        _ entry: JournalEntry, expectedSequence: Int, under lease: Lease
    ) async throws(JournalError) -> Int

    /// Posts an operator's request for the driver to take up; returns its number.
    @discardableResult
    func post(_ request: OperatorRequest, for id: SwapID, at: WallTime) async throws(JournalError) -> Int64

    /// Reads the requests that no record has taken yet, oldest first.
    func pendingRequests(of id: SwapID) async throws(JournalError) -> [PostedRequest]

    /// Appends log lines; they are not part of the state and need no lease.
    func appendLog(_ lines: [LogLine], of id: SwapID) async throws(JournalError)

    /// Closes the store; later calls throw `closed`.
    func close() async
}

/// What is appended: an event, what the state machine made of it, and the calls it intends.
public struct JournalEntry: Sendable, Hashable, Codable {
    /// When the event happened, by the driver's wall clock.
    public var at: WallTime
    /// What happened.
    public var event: SwapEvent
    /// The calls to be made because of it: intents without an outcome until a later event names their number.
    public var intents: [Call]
    /// Why the state machine decided as it did.
    public var reasons: [String]
    /// The state after the event, for lists: a cache, never read to rebuild the state.
    public var summary: SwapSummary
    /// The posted request that this event takes up.
    public var takesRequest: Int64?

    /// Creates an entry.
    public init(
        at: WallTime, event: SwapEvent, intents: [Call], reasons: [String], summary: SwapSummary,
        takesRequest: Int64? = nil
    ) {
        self.at = at
        self.event = event
        self.intents = intents
        self.reasons = reasons
        self.summary = summary
        self.takesRequest = takesRequest
    }
}

/// An appended entry.
public struct JournalRecord: Sendable, Hashable, Codable {
    /// Position within the swap, from 1 without gaps.
    public var sequence: Int
    /// The epoch under which it was appended.
    public var epoch: Int
    /// What was appended.
    public var entry: JournalEntry

    /// Creates a record.
    public init(sequence: Int, epoch: Int, entry: JournalEntry) {
        self.sequence = sequence
        self.epoch = epoch
        self.entry = entry
    }
}

/// A swap's state in short, kept beside its newest record for lists.
public struct SwapSummary: Sendable, Hashable, Codable {
    /// The state's name.
    public var state: String
    /// The provider.
    public var provider: ProviderName
    /// The outgoing instance.
    public var original: InstanceID
    /// The incoming instance, once launched.
    public var replacement: InstanceID?
    /// Whether the swap has ended; its claims are then free.
    public var hasEnded: Bool
    /// Whether an operator paused it.
    public var isPaused: Bool
    /// When something is due although nobody drives, such as the end of the hold.
    public var dueAt: WallTime?

    /// Creates a summary.
    public init(
        state: String, provider: ProviderName, original: InstanceID, replacement: InstanceID?, hasEnded: Bool,
        isPaused: Bool, dueAt: WallTime?
    ) {
        self.state = state
        self.provider = provider
        self.original = original
        self.replacement = replacement
        self.hasEnded = hasEnded
        self.isPaused = isPaused
        self.dueAt = dueAt
    }
}

extension SwapSummary {
    /// What a live swap claims of its instances: both, as soon as there are two.
    public var instanceClaims: [String] {
        [original, replacement].compactMap(\.self).map { "instance:\(provider)/\($0)" }
    }
}

/// One swap in a list.
public struct SwapRow: Sendable, Hashable, Codable {
    /// The swap.
    public var id: SwapID
    /// When it was created.
    public var createdAt: WallTime
    /// When its newest record was appended.
    public var updatedAt: WallTime
    /// Its state in short.
    public var summary: SwapSummary
    /// Who drives it now; `nil` when nobody does.
    public var driver: LeaseHolder?

    /// Creates a row.
    public init(id: SwapID, createdAt: WallTime, updatedAt: WallTime, summary: SwapSummary, driver: LeaseHolder?) {
        self.id = id
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.summary = summary
        self.driver = driver
    }
}

/// The process that drives a swap.
public struct LeaseHolder: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The machine's name.
    public var host: String
    /// The machine's present boot (`/proc/sys/kernel/random/boot_id`).
    public var bootID: String
    /// The process.
    public var processID: Int32
    /// The process's start time in clock ticks since boot, so that a reused process id is not mistaken for it.
    public var processStart: UInt64

    /// Creates a holder.
    public init(host: String, bootID: String, processID: Int32, processStart: UInt64) {
        self.host = host
        self.bootID = bootID
        self.processID = processID
        self.processStart = processStart
    }

    /// The process and machine in words.
    public var description: String { "process \(processID) on \(host)" }
}

/// The right to drive one swap until a moment on the holder's monotonic clock.
public struct Lease: Sendable, Hashable {
    /// The swap.
    public var swap: SwapID
    /// Grows with every holder; fences every append.
    public var epoch: Int
    /// The holder.
    public var holder: LeaseHolder
    /// The end, in milliseconds of the holder machine's monotonic clock.
    public var expiresAtMonotonicMilliseconds: Int64

    /// Creates a lease.
    public init(swap: SwapID, epoch: Int, holder: LeaseHolder, expiresAtMonotonicMilliseconds: Int64) {
        self.swap = swap
        self.epoch = epoch
        self.holder = holder
        self.expiresAtMonotonicMilliseconds = expiresAtMonotonicMilliseconds
    }
}

/// An operator's request as it waits in the store.
public struct PostedRequest: Sendable, Hashable, Codable {
    /// The request's number in the store.
    public var number: Int64
    /// When it was posted.
    public var at: WallTime
    /// What is asked.
    public var request: OperatorRequest

    /// Creates a posted request.
    public init(number: Int64, at: WallTime, request: OperatorRequest) {
        self.number = number
        self.at = at
        self.request = request
    }
}

/// One line of a swap's log: output of commands, first boot and checks.
public struct LogLine: Sendable, Hashable, Codable {
    /// The line's number in the store; zero until it is appended.
    public var number: Int64
    /// When it was written.
    public var at: WallTime
    /// The instance it concerns; `nil` for the swap itself.
    public var instance: InstanceID?
    /// Where it comes from, such as `first-boot`, `check` or `call`.
    public var source: String
    /// The text, redacted, without line feed.
    public var text: String

    /// Creates a line.
    public init(number: Int64 = 0, at: WallTime, instance: InstanceID?, source: String, text: String) {
        self.number = number
        self.at = at
        self.instance = instance
        self.source = source
        self.text = text
    }
}

/// Why the journal did not do what it was asked; its description is safe to print.
public struct JournalError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of failure.
    public enum Code: String, Sendable, Hashable {
        /// The store cannot be opened or created.
        case cannotOpen
        /// The disk is full.
        case diskFull
        /// The store may not be written.
        case readOnly
        /// The store is damaged or of an unknown version.
        case corrupt
        /// Another live swap claims the instance or traffic slot; `swap` names it.
        case instanceBusy
        /// Another process drives the swap; `holder` names it.
        case leaseHeld
        /// The lease was taken over: nothing was written.
        case leaseLost
        /// The swap does not exist.
        case unknownSwap
        /// Reading or writing failed for another reason.
        case storage
        /// The store is closed.
        case closed
    }

    /// The kind of failure.
    public var code: Code
    /// What went wrong and what to do about it.
    public var detail: String
    /// The swap that stands in the way, for `instanceBusy`.
    public var swap: SwapID?
    /// The process that stands in the way, for `leaseHeld`.
    public var holder: LeaseHolder?

    /// Creates a journal error.
    public init(_ code: Code, detail: String, swap: SwapID? = nil, holder: LeaseHolder? = nil) {
        self.code = code
        self.detail = detail
        self.swap = swap
        self.holder = holder
    }

    /// The detail and the code.
    public var description: String { "\(detail) [\(code.rawValue)]" }
}
