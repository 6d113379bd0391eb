import Providers
import Workflow

/// What one process holds of the simulated store: it may die at any write, and its writes may be slow.
final class SimulatedJournal: Journal, @unchecked Sendable {
    private let store: SimulatedStore
    private let process: SimulatedProcess
    /// What befalls the next append.
    private var waiting: [SimulatedFault] = []
    private var slowness = Span.zero

    init(_ store: SimulatedStore, for process: SimulatedProcess) {
        self.store = store
        self.process = process
    }

    /// Lets a fault befall the next append; `slowness` is how long a slow one takes.
    func await(_ fault: SimulatedFault, slowness: Span) {
        waiting.append(fault)
        self.slowness = slowness
    }

    /// Forgets the faults that have not bitten yet.
    func heal() {
        waiting = []
    }

    private func requireLife() throws(JournalError) {
        guard process.isAlive else { throw JournalError(.closed, detail: "the process has ended") }
    }

    private func take(_ fault: SimulatedFault) -> Bool {
        guard let index = waiting.firstIndex(of: fault) else { return false }
        waiting.remove(at: index)
        store.onFault(fault)
        return true
    }

    func swaps(liveOnly: Bool) async throws(JournalError) -> [SwapRow] {
        try requireLife()
        return store.histories.keys.sorted().reversed().compactMap(store.row)
            .filter { !liveOnly || !$0.summary.hasEnded }
    }

    func swap(_ id: SwapID) async throws(JournalError) -> SwapRow? {
        try requireLife()
        return store.row(id)
    }

    func records(of id: SwapID, after sequence: Int) async throws(JournalError) -> [JournalRecord] {
        try requireLife()
        return store.histories[id]?.records.filter { $0.sequence > sequence } ?? []
    }

    func logLines(of id: SwapID, after number: Int64, limit: Int) async throws(JournalError) -> [LogLine] {
        try requireLife()
        return Array((store.histories[id]?.log ?? []).dropFirst(Int(number)).prefix(limit))
    }

    func changeCounter() async throws(JournalError) -> Int64 {
        try requireLife()
        return store.counter
    }

    func create(
        _ id: SwapID, claims: [String], first: JournalEntry, holder: LeaseHolder, leaseLength: Span
    ) async throws(JournalError) -> Lease {
        try requireLife()
        return try store.create(id, claims: claims, first: first, holder: holder, leaseLength: leaseLength)
    }

    func acquireLease(of id: SwapID, holder: LeaseHolder, leaseLength: Span) async throws(JournalError) -> Lease {
        try requireLife()
        return try store.acquireLease(of: id, holder: holder, leaseLength: leaseLength)
    }

    func renew(_ lease: Lease, leaseLength: Span) async throws(JournalError) -> Lease {
        try requireLife()
        try await beSlow()
        let renewed = try store.renew(lease, leaseLength: leaseLength)
        try await beSlow()
        return renewed
    }

    func release(_ lease: Lease) async throws(JournalError) {
        try requireLife()
        try store.release(lease)
    }

    func append(_ entry: JournalEntry, expectedSequence: Int, under lease: Lease) async throws(JournalError) -> Int {
        try requireLife()
        if take(.crashBeforeWrite) { process.die() }
        try requireLife()
        try await beSlow()
        let sequence = try store.append(entry, expectedSequence: expectedSequence, under: lease)
        if take(.crashAfterWrite) { process.die() }
        try await beSlow()
        try requireLife()
        return sequence
    }

    /// Writing takes long, before it is done or afterwards.
    private func beSlow() async throws(JournalError) {
        guard take(.slowStore) else { return }
        do { try await process.sleep(for: slowness) } catch {
            throw JournalError(.closed, detail: "the process has ended")
        }
    }

    func post(_ request: OperatorRequest, for id: SwapID, at time: WallTime) async throws(JournalError) -> Int64 {
        try requireLife()
        return try store.post(request, for: id, at: time)
    }

    func pendingRequests(of id: SwapID) async throws(JournalError) -> [PostedRequest] {
        try requireLife()
        guard let history = store.histories[id] else { return [] }
        return history.requests.filter { !history.taken.contains($0.number) }
    }

    func appendLog(_ lines: [LogLine], of id: SwapID) async throws(JournalError) {
        try requireLife()
        try store.appendLog(lines, of: id)
    }

    func close() async {}
}
