public import Workflow

/// A journal in memory that keeps the promises of the port, fails appends as scripted, and can tell whether a call was
/// intended before it is made.
public actor InMemoryJournal: Journal {
    /// How a scripted append fails.
    public enum AppendFault: Sendable, Hashable, CaseIterable {
        /// Nothing is recorded.
        case beforeRecording
        /// The record is durable, but the caller hears of a failure.
        case afterRecording
    }

    private struct History {
        var createdAt: WallTime
        var claims: [String]
        var records: [JournalRecord] = []
        var lease: Lease?
        var lastEpoch = 0
        var requests: [PostedRequest] = []
        var taken: Set<Int64> = []
        var log: [LogLine] = []
    }

    private let clock: any WorkflowClock
    private var histories: [SwapID: History] = [:]
    private var counter: Int64 = 0
    private var appends = 0
    private var failure: (from: Int, fault: AppendFault)?
    private var isClosed = false
    /// Whether an append has failed since the last `heal`.
    public private(set) var hasFailed = false

    /// Creates an empty journal.
    public init(clock: any WorkflowClock) {
        self.clock = clock
    }

    // MARK: Scripting and looking

    /// Makes every append from the `number`-th on fail; the first record of a swap counts as the first append.
    ///
    /// With `afterRecording` only that append is recorded, the later ones are not.
    public func failAppends(from number: Int, _ fault: AppendFault) {
        failure = (number, fault)
    }

    /// Lets appends succeed again.
    public func heal() {
        failure = nil
        hasFailed = false
    }

    /// Takes a swap's lease away from its holder, as another process does after it has expired.
    public func stealLease(of id: SwapID, holder: LeaseHolder) {
        guard var history = histories[id] else { return }
        grant(id, &history, holder: holder, leaseLength: .seconds(90))
        histories[id] = history
    }

    /// What is wrong with making this call now: `nil` when a durable intent without outcome asks for just this.
    public func objection(to request: CallRequest) -> String? {
        if hasFailed { return "\(request.summary) was made after a failed append" }
        let isIntended = histories.values.contains { history in
            var open: [Int: CallRequest] = [:]
            for record in history.records {
                switch record.entry.event {
                case .callSucceeded(let number, _), .callFailed(let number, _): open[number] = nil
                default: break
                }
                for intent in record.entry.intents { open[intent.number] = intent.request }
            }
            return open.values.contains { Self.sorted($0) == request }
        }
        return isIntended ? nil : "\(request.summary) was made without a durable intent"
    }

    /// Tag changes reach a provider without their order.
    private static func sorted(_ request: CallRequest) -> CallRequest {
        guard case .tag(let id, let changes) = request else { return request }
        return .tag(id, changes.sorted { $0.name < $1.name })
    }

    // MARK: Reading

    /// Every swap, newest first.
    public func swaps(liveOnly: Bool) async throws(JournalError) -> [SwapRow] {
        histories.keys.sorted().reversed().compactMap(row).filter { !liveOnly || !$0.summary.hasEnded }
    }

    /// One swap's row.
    public func swap(_ id: SwapID) async throws(JournalError) -> SwapRow? { row(id) }

    /// The records above a sequence.
    public func records(of id: SwapID, after sequence: Int) async throws(JournalError) -> [JournalRecord] {
        histories[id]?.records.filter { $0.sequence > sequence } ?? []
    }

    /// The log lines above a number.
    public func logLines(of id: SwapID, after number: Int64, limit: Int) async throws(JournalError) -> [LogLine] {
        Array((histories[id]?.log ?? []).filter { $0.number > number }.prefix(limit))
    }

    /// Changes with every write.
    public func changeCounter() async throws(JournalError) -> Int64 { counter }

    private func row(_ id: SwapID) -> SwapRow? {
        guard let history = histories[id], let last = history.records.last else { return nil }
        return SwapRow(
            id: id, createdAt: history.createdAt, updatedAt: last.entry.at, summary: last.entry.summary,
            driver: history.lease?.holder)
    }

    // MARK: Writing

    /// Records a new swap and gives its lease to the holder.
    public func create(
        _ id: SwapID, claims: [String], first: JournalEntry, holder: LeaseHolder, leaseLength: Span
    ) async throws(JournalError) -> Lease {
        try requireOpen()
        for (other, history) in histories where history.records.last?.entry.summary.hasEnded == false {
            guard Set(history.claims).isDisjoint(with: claims) else {
                throw JournalError(.instanceBusy, detail: "\(other) is live", swap: other)
            }
        }
        try countAppend()
        var history = History(createdAt: first.at, claims: claims)
        let lease = grant(id, &history, holder: holder, leaseLength: leaseLength)
        history.records.append(JournalRecord(sequence: 1, epoch: lease.epoch, entry: first))
        histories[id] = history
        return lease
    }

    /// Takes the lease of a swap that nobody holds.
    public func acquireLease(
        of id: SwapID, holder: LeaseHolder, leaseLength: Span
    ) async throws(JournalError) -> Lease {
        try requireOpen()
        guard var history = histories[id] else { throw JournalError(.unknownSwap, detail: "\(id)") }
        if let lease = history.lease, lease.expiresAtMonotonicMilliseconds > clock.monotonicMilliseconds() {
            throw JournalError(.leaseHeld, detail: "\(lease.holder) drives \(id)", holder: lease.holder)
        }
        let lease = grant(id, &history, holder: holder, leaseLength: leaseLength)
        histories[id] = history
        return lease
    }

    @discardableResult
    private func grant(
        _ id: SwapID, _ history: inout History, holder: LeaseHolder, leaseLength: Span
    ) -> Lease {
        history.lastEpoch += 1
        let lease = Lease(
            swap: id, epoch: history.lastEpoch, holder: holder,
            expiresAtMonotonicMilliseconds: clock.monotonicMilliseconds() + leaseLength.milliseconds)
        history.lease = lease
        counter += 1
        return lease
    }

    /// Extends a lease that is still held.
    public func renew(_ lease: Lease, leaseLength: Span) async throws(JournalError) -> Lease {
        try requireOpen()
        try requireHeld(lease)
        var lease = lease
        lease.expiresAtMonotonicMilliseconds = clock.monotonicMilliseconds() + leaseLength.milliseconds
        histories[lease.swap]?.lease = lease
        return lease
    }

    /// Gives a lease up.
    public func release(_ lease: Lease) async throws(JournalError) {
        guard histories[lease.swap]?.lease?.epoch == lease.epoch else { return }
        histories[lease.swap]?.lease = nil
    }

    /// Appends one record under a lease.
    @discardableResult
    public func append(
        _ entry: JournalEntry, expectedSequence: Int, under lease: Lease
    ) async throws(JournalError) -> Int {
        try requireOpen()
        try requireHeld(lease)
        guard (histories[lease.swap]?.records.count ?? 0) + 1 == expectedSequence else {
            throw JournalError(.leaseLost, detail: "the sequence \(expectedSequence) is taken")
        }
        let fails = try countAppend()
        histories[lease.swap]?.records.append(
            JournalRecord(sequence: expectedSequence, epoch: lease.epoch, entry: entry))
        histories[lease.swap]?.claims += entry.summary.instanceClaims
        if let request = entry.takesRequest { histories[lease.swap]?.taken.insert(request) }
        counter += 1
        if fails { throw JournalError(.storage, detail: "scripted failure after recording") }
        return expectedSequence
    }

    /// Posts a request for the driver.
    @discardableResult
    public func post(_ request: OperatorRequest, for id: SwapID, at: WallTime) async throws(JournalError) -> Int64 {
        try requireOpen()
        guard let posted = histories[id]?.requests else { throw JournalError(.unknownSwap, detail: "\(id)") }
        let number = Int64(posted.count + 1)
        histories[id]?.requests.append(PostedRequest(number: number, at: at, request: request))
        counter += 1
        return number
    }

    /// The requests that no record has taken.
    public func pendingRequests(of id: SwapID) async throws(JournalError) -> [PostedRequest] {
        guard let history = histories[id] else { return [] }
        return history.requests.filter { !history.taken.contains($0.number) }
    }

    /// Appends log lines.
    public func appendLog(_ lines: [LogLine], of id: SwapID) async throws(JournalError) {
        let before = Int64(histories[id]?.log.count ?? 0)
        for (offset, line) in lines.enumerated() {
            var line = line
            line.number = before + Int64(offset) + 1
            histories[id]?.log.append(line)
        }
        counter += 1
    }

    /// Lets later writes throw `closed`.
    public func close() async {
        isClosed = true
    }

    private func requireOpen() throws(JournalError) {
        if isClosed { throw JournalError(.closed, detail: "the journal is closed") }
    }

    private func requireHeld(_ lease: Lease) throws(JournalError) {
        guard histories[lease.swap]?.lease?.epoch == lease.epoch else {
            throw JournalError(.leaseLost, detail: "another process drives \(lease.swap)")
        }
    }

    /// Counts an append; throws for one that fails before it is recorded, `true` for one that fails afterwards.
    @discardableResult
    private func countAppend() throws(JournalError) -> Bool {
        appends += 1
        guard let failure, appends >= failure.from else { return false }
        hasFailed = true
        if failure.fault == .afterRecording && appends == failure.from { return true }
        throw JournalError(.storage, detail: "scripted failure")
    }
}
