public import Workflow

/// The journal in one SQLite file on a local disk, shared by every process of the machine.
///
/// The file is in WAL mode with `synchronous = FULL`: a method that returns has synced what it wrote, and a process
/// killed at any moment leaves a whole prefix of what was appended. Transactions begin with the write lock, and wait at
/// most 5 s for another process's. No call blocks the cooperative pool, and cancelling a task neither interrupts nor
/// prevents a write: what a driver learned can always be recorded.
///
/// Close the journal when done. While it is open, nothing else in this process may open and close the file, its `-wal`
/// or its `-shm` companion: on POSIX that would drop SQLite's locks. `SQLiteJournalReader` is safe beside it.
public final class SQLiteJournal: Journal {
    private let writer: StoreWriter
    private let reader: StoreReader
    private let counter: StoreReader

    /// Opens the store at `path`, and creates it and its folder when absent.
    ///
    /// Throws `cannotOpen` on a network file system or when durability cannot be had, `readOnly` without the right to
    /// write, `corrupt` for a damaged file, another program's file or a newer version's store, and `diskFull`.
    public init(path: String, clock: any WorkflowClock) async throws(JournalError) {
        let location = StoreLocation(path: path)
        writer = StoreWriter(location: location, clock: clock)
        reader = StoreReader(location: location, clock: clock, label: "changeover.journal.reader")
        counter = StoreReader(location: location, clock: clock, label: "changeover.journal.counter")
        do {
            try await writer.open(location)
            try await reader.open(location)
            try await counter.open(location)
        } catch {
            await close()
            throw error
        }
    }

    /// Lists swaps, newest first; only those that have not ended when `liveOnly`.
    public func swaps(liveOnly: Bool) async throws(JournalError) -> [SwapRow] {
        try await reader.swaps(liveOnly: liveOnly)
    }

    /// Reads one swap's row; `nil` when the store does not know it.
    public func swap(_ id: SwapID) async throws(JournalError) -> SwapRow? {
        try await reader.swap(id)
    }

    /// Reads a swap's records with a sequence above `sequence`, in order; none for an unknown swap.
    public func records(of id: SwapID, after sequence: Int) async throws(JournalError) -> [JournalRecord] {
        try await reader.records(of: id, after: sequence)
    }

    /// Reads a swap's log lines with a number above `number`, in order, at most `limit`.
    public func logLines(of id: SwapID, after number: Int64, limit: Int) async throws(JournalError) -> [LogLine] {
        try await reader.logLines(of: id, after: number, limit: limit)
    }

    /// A number that changes whenever any process, this one included, has committed to the store.
    ///
    /// It is `PRAGMA data_version` on a connection of its own, to which even this journal's writes are another's.
    public func changeCounter() async throws(JournalError) -> Int64 {
        try await counter.dataVersion()
    }

    /// Records a new swap with its first record, and gives its lease to `holder`, in one transaction.
    ///
    /// Throws `instanceBusy` when a live swap already claims one of `claims`.
    public func create(
        _ id: SwapID, claims: [String], first: JournalEntry, holder: LeaseHolder, leaseLength: Span
    ) async throws(JournalError) -> Lease {
        try await writer.create(id, claims: claims, first: first, holder: holder, leaseLength: leaseLength)
    }

    /// Takes the lease of a swap with a new, higher epoch; throws `leaseHeld` while another holder's lease binds.
    ///
    /// A lease binds until it is released, expires (on the monotonic clock within one boot of a machine; on the wall
    /// clock between machines), its machine has booted again, or its process on this machine is provably gone. A
    /// process that asks again for a lease it still holds is refused too.
    public func acquireLease(
        of id: SwapID, holder: LeaseHolder, leaseLength: Span
    ) async throws(JournalError) -> Lease {
        try await writer.acquireLease(of: id, holder: holder, leaseLength: leaseLength)
    }

    /// Extends a lease from now; throws `leaseLost` when another epoch holds it or it was released.
    public func renew(_ lease: Lease, leaseLength: Span) async throws(JournalError) -> Lease {
        try await writer.renew(lease, leaseLength: leaseLength)
    }

    /// Gives a lease up; does nothing when it is lost already.
    public func release(_ lease: Lease) async throws(JournalError) {
        try await writer.release(lease)
    }

    /// Appends one record under a lease, in one synced transaction, and returns its sequence.
    ///
    /// Throws `leaseLost` when the epoch is stale or `expectedSequence` is not the next one; then nothing was written.
    /// A request that an earlier record took stays with that record.
    @discardableResult
    public func append(
        _ entry: JournalEntry, expectedSequence: Int, under lease: Lease
    ) async throws(JournalError) -> Int {
        try await writer.append(entry, expectedSequence: expectedSequence, under: lease)
    }

    /// Posts an operator's request for the driver to take up; returns its number.
    @discardableResult
    public func post(
        _ request: OperatorRequest, for id: SwapID, at: WallTime
    ) async throws(JournalError) -> Int64 {
        try await writer.post(request, for: id, at: at)
    }

    /// Reads the requests that no record has taken yet, oldest first.
    public func pendingRequests(of id: SwapID) async throws(JournalError) -> [PostedRequest] {
        try await reader.pendingRequests(of: id)
    }

    /// Appends log lines in one transaction; a line over 8 KiB is cut and says so.
    public func appendLog(_ lines: [LogLine], of id: SwapID) async throws(JournalError) {
        try await writer.appendLog(lines, of: id)
    }

    /// Closes the store; later calls throw `closed`.
    public func close() async {
        await counter.close()
        await reader.close()
        await writer.close()
    }

    /// Reads back what the writing connection does on commit, for tests.
    func durability() async throws(JournalError) -> (journalMode: String, synchronous: Int) {
        try await writer.durability()
    }
}
