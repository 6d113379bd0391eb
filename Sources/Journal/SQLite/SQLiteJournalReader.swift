public import Workflow

/// Reads the journal in an SQLite file, and never creates nor changes a byte of the store's files.
///
/// For `plan`, `list`, `status` and the like, which may run without the right to write. A store that does not exist
/// reads as empty, and is found once another process has created it.
public final class SQLiteJournalReader: JournalReader {
    private let store: PassiveStore
    private let clock: any WorkflowClock
    private let observer: LeaseHolder?

    /// Prepares to read the store at `path`; nothing is opened before the first reading.
    public init(path: String, clock: any WorkflowClock) {
        store = PassiveStore(location: StoreLocation(path: path))
        self.clock = clock
        observer = try? LeaseHolder.current()
    }

    /// Lists swaps, newest first; only those that have not ended when `liveOnly`.
    public func swaps(liveOnly: Bool) async throws(JournalError) -> [SwapRow] {
        let judge = LeaseJudge(observer: observer, clock: clock)
        return try await store.read("list swaps") { queries in
            try queries.swaps(liveOnly: liveOnly, judge: judge)
        } ?? []
    }

    /// Reads one swap's row; `nil` when the store does not know it.
    public func swap(_ id: SwapID) async throws(JournalError) -> SwapRow? {
        let judge = LeaseJudge(observer: observer, clock: clock)
        return try await store.read("read \(id)") { queries in try queries.swap(id, judge: judge) } ?? nil
    }

    /// Reads a swap's records with a sequence above `sequence`, in order; none for an unknown swap.
    public func records(of id: SwapID, after sequence: Int) async throws(JournalError) -> [JournalRecord] {
        try await store.read("read \(id)") { queries in try queries.records(of: id, after: sequence) } ?? []
    }

    /// Reads a swap's log lines with a number above `number`, in order, at most `limit`.
    public func logLines(of id: SwapID, after number: Int64, limit: Int) async throws(JournalError) -> [LogLine] {
        try await store.read("read the log of \(id)") { queries in
            try queries.logLines(of: id, after: number, limit: limit)
        } ?? []
    }

    /// A number that grows whenever the store has changed since this reader was last asked.
    public func changeCounter() async throws(JournalError) -> Int64 {
        try await store.changeCounter()
    }

    /// Closes what is open; later calls throw `closed`.
    public func close() async {
        await store.close()
    }
}
