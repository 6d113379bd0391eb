import GRDB
import Workflow

/// Owns the one connection that writes; every method is one synced transaction.
actor StoreWriter {
    private let executor: BlockingExecutor
    private let clock: any WorkflowClock
    private let path: String
    private let observer: LeaseHolder?
    private var connection: DatabaseQueue?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(location: StoreLocation, clock: any WorkflowClock) {
        executor = BlockingExecutor(label: "changeover.journal.writer")
        self.clock = clock
        path = location.path
        observer = try? LeaseHolder.current()
    }

    /// Opens or creates the store.
    func open(_ location: StoreLocation) throws(JournalError) {
        do {
            try location.prepareForWriting()
            connection = try OpeningLock.shared.withFolder(of: location) {
                try StoreConnection.writing(location)
            }
        } catch {
            throw StoreFailure(path: path, doing: "open the store").error(from: error)
        }
    }

    func close() {
        OpeningLock.shared.withProcess {
            // Closing fails only while statements are in use; the connection is then closed as it is released.
            try? connection?.close()
            connection = nil
        }
    }

    /// Runs one transaction (BEGIN IMMEDIATE … COMMIT) as seen at one moment.
    func transaction<Result>(
        _ doing: String, _ body: (StoreTransaction) throws -> Result
    ) throws(JournalError) -> Result {
        guard let connection else { throw JournalError.storeClosed(path) }
        do {
            return try connection.write { db in
                let judge = LeaseJudge(observer: observer, clock: clock)
                return try body(StoreTransaction(db: db, judge: judge))
            }
        } catch {
            throw StoreFailure(path: path, doing: doing).error(from: error)
        }
    }

    func create(
        _ id: SwapID, claims: [String], first: JournalEntry, holder: LeaseHolder, leaseLength: Span
    ) throws(JournalError) -> Lease {
        try transaction("record swap \(id)") { transaction in
            try transaction.create(id, claims: claims, first: first, holder: holder, leaseLength: leaseLength)
        }
    }

    func acquireLease(of id: SwapID, holder: LeaseHolder, leaseLength: Span) throws(JournalError) -> Lease {
        try transaction("take the lease of \(id)") { transaction in
            try transaction.acquireLease(of: id, holder: holder, leaseLength: leaseLength)
        }
    }

    func renew(_ lease: Lease, leaseLength: Span) throws(JournalError) -> Lease {
        try transaction("renew the lease of \(lease.swap)") { transaction in
            try transaction.renew(lease, leaseLength: leaseLength)
        }
    }

    func release(_ lease: Lease) throws(JournalError) {
        try transaction("release the lease of \(lease.swap)") { transaction in try transaction.release(lease) }
    }

    func append(
        _ entry: JournalEntry, expectedSequence: Int, under lease: Lease
    ) throws(JournalError) -> Int {
        try transaction("append to \(lease.swap)") { transaction in
            try transaction.append(entry, expectedSequence: expectedSequence, under: lease)
        }
    }

    func post(_ request: OperatorRequest, for id: SwapID, at: WallTime) throws(JournalError) -> Int64 {
        try transaction("post \(request.command.rawValue) for \(id)") { transaction in
            try transaction.post(request, for: id, at: at)
        }
    }

    func appendLog(_ lines: [LogLine], of id: SwapID) throws(JournalError) {
        try transaction("write the log of \(id)") { transaction in try transaction.appendLog(lines, of: id) }
    }

    /// Reads back what the connection does on commit, for tests.
    func durability() throws(JournalError) -> (journalMode: String, synchronous: Int) {
        try transaction("read the settings") { transaction in
            (
                try String.fetchOne(transaction.db, sql: "PRAGMA journal_mode") ?? "",
                try Int.fetchOne(transaction.db, sql: "PRAGMA synchronous") ?? -1
            )
        }
    }
}

extension JournalError {
    /// The error of every call after `close`.
    static func storeClosed(_ path: String) -> JournalError {
        JournalError(.closed, detail: "the store \(path) is closed; open it again")
    }
}
