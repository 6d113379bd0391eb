import Providers
import Workflow

/// The truth of a store that many simulated processes share: it survives them all.
final class SimulatedStore: @unchecked Sendable {
    /// One swap in the store.
    final class History {
        let createdAt: WallTime
        let claims: [String]
        var records: [JournalRecord]
        var lease: Lease?
        var lastEpoch = 1
        var requests: [PostedRequest] = []
        var taken: Set<Int64> = []
        var log: [LogLine] = []
        /// The swap as a replay of all records gives it.
        var swap: Swap
        /// The calls that are intended and have no outcome yet, by number.
        var openIntents: [Int: CallRequest] = [:]

        init(_ first: JournalRecord, claims: [String], lease: Lease, swap: Swap) {
            createdAt = first.entry.at
            self.claims = claims
            records = [first]
            self.lease = lease
            self.swap = swap
        }
    }

    private let clock: VirtualClock
    private(set) var histories: [SwapID: History] = [:]
    private(set) var counter: Int64 = 0
    /// Until when nothing can be written.
    var fullUntil: Int64 = 0
    /// How many of the next syncs report an error after the record is written.
    var failedSyncs = 0
    /// Whether a lease's holder is known to be dead to a process on `host`.
    var isGone: (LeaseHolder, _ host: String) -> Bool = { _, _ in false }
    /// Sees each record once it is durable.
    var onRecord: (JournalRecord, _ before: Swap?, _ after: Swap) -> Void = { _, _, _ in }
    /// Sees each log line.
    var onLine: (LogLine) -> Void = { _ in }
    /// Sees that a fault of the store has bitten.
    var onFault: (SimulatedFault) -> Void = { _ in }

    init(clock: VirtualClock) {
        self.clock = clock
    }

    func history(of id: SwapID) throws(JournalError) -> History {
        guard let history = histories[id] else { throw JournalError(.unknownSwap, detail: "there is no swap \(id)") }
        return history
    }

    func row(_ id: SwapID) -> SwapRow? {
        guard let history = histories[id], let last = history.records.last else { return nil }
        return SwapRow(
            id: id, createdAt: history.createdAt, updatedAt: last.entry.at, summary: last.entry.summary,
            driver: history.lease?.holder)
    }

    func create(
        _ id: SwapID, claims: [String], first: JournalEntry, holder: LeaseHolder, leaseLength: Span
    ) throws(JournalError) -> Lease {
        for (other, history) in histories.sorted(by: { $0.key < $1.key }) where !history.swap.state.isFinal {
            guard Set(history.claims + history.swap.summary.instanceClaims).isDisjoint(with: claims) else {
                throw JournalError(.instanceBusy, detail: "\(other) is live", swap: other)
            }
        }
        guard case .created(let creation) = first.event else {
            throw JournalError(.corrupt, detail: "the first record is no creation")
        }
        try requireRoom()
        let lease = Lease(
            swap: id, epoch: 1, holder: holder,
            expiresAtMonotonicMilliseconds: clock.now + leaseLength.milliseconds)
        let swap = Swap(creation, at: first.at)
        let record = JournalRecord(sequence: 1, epoch: 1, entry: first)
        histories[id] = History(record, claims: claims, lease: lease, swap: swap)
        counter += 1
        onRecord(record, nil, swap)
        return lease
    }

    func acquireLease(of id: SwapID, holder: LeaseHolder, leaseLength: Span) throws(JournalError) -> Lease {
        let history = try history(of: id)
        if let lease = history.lease, lease.expiresAtMonotonicMilliseconds > clock.now,
            !isGone(lease.holder, holder.host)
        {
            throw JournalError(.leaseHeld, detail: "\(lease.holder) drives \(id)", holder: lease.holder)
        }
        try requireRoom()
        let lease = Lease(
            swap: id, epoch: history.lastEpoch + 1, holder: holder,
            expiresAtMonotonicMilliseconds: clock.now + leaseLength.milliseconds)
        history.lease = lease
        history.lastEpoch = lease.epoch
        counter += 1
        return lease
    }

    func renew(_ lease: Lease, leaseLength: Span) throws(JournalError) -> Lease {
        try requireHeld(lease)
        try requireRoom()
        var lease = lease
        lease.expiresAtMonotonicMilliseconds = clock.now + leaseLength.milliseconds
        histories[lease.swap]?.lease = lease
        return lease
    }

    func release(_ lease: Lease) throws(JournalError) {
        guard histories[lease.swap]?.lease?.epoch == lease.epoch else { return }
        try requireRoom()
        histories[lease.swap]?.lease = nil
        counter += 1
    }

    func append(_ entry: JournalEntry, expectedSequence: Int, under lease: Lease) throws(JournalError) -> Int {
        try requireHeld(lease)
        let history = try history(of: lease.swap)
        guard history.records.count + 1 == expectedSequence else {
            throw JournalError(.leaseLost, detail: "the sequence \(expectedSequence) is taken")
        }
        try requireRoom()
        let before = history.swap
        let record = JournalRecord(sequence: expectedSequence, epoch: lease.epoch, entry: entry)
        history.records.append(record)
        history.swap = before.decide(entry.event, at: entry.at).swap
        switch entry.event {
        case .callSucceeded(let number, _), .callFailed(let number, _): history.openIntents[number] = nil
        default: break
        }
        for intent in entry.intents { history.openIntents[intent.number] = intent.request.normalized }
        if let request = entry.takesRequest { history.taken.insert(request) }
        counter += 1
        onRecord(record, before, history.swap)
        if failedSyncs > 0 {
            failedSyncs -= 1
            onFault(.failedSync)
            throw JournalError(.storage, detail: "the disk did not confirm the write")
        }
        return expectedSequence
    }

    func post(_ request: OperatorRequest, for id: SwapID, at time: WallTime) throws(JournalError) -> Int64 {
        let number = Int64(try history(of: id).requests.count + 1)
        try requireRoom()
        histories[id]?.requests.append(PostedRequest(number: number, at: time, request: request))
        counter += 1
        return number
    }

    func appendLog(_ lines: [LogLine], of id: SwapID) throws(JournalError) {
        try requireRoom()
        let history = try history(of: id)
        for line in lines {
            var line = line
            line.number = Int64(history.log.count) + 1
            history.log.append(line)
            onLine(line)
        }
    }

    private func requireHeld(_ lease: Lease) throws(JournalError) {
        guard histories[lease.swap]?.lease?.epoch == lease.epoch else {
            throw JournalError(.leaseLost, detail: "another process drives \(lease.swap)")
        }
    }

    private func requireRoom() throws(JournalError) {
        guard clock.now < fullUntil else { return }
        onFault(.diskFull)
        throw JournalError(.diskFull, detail: "the disk is full")
    }
}

extension CallRequest {
    /// The same request with its tag changes in order: they reach a provider without one.
    var normalized: CallRequest {
        guard case .tag(let id, let changes) = self else { return self }
        return .tag(id, changes.sorted { $0.name < $1.name })
    }
}
