import GRDB
import Workflow

/// Owns one read-only connection beside a writer of this process.
actor StoreReader {
    private let executor: BlockingExecutor
    private let clock: any WorkflowClock
    private let path: String
    private let observer: LeaseHolder?
    private var connection: DatabaseQueue?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(location: StoreLocation, clock: any WorkflowClock, label: String) {
        executor = BlockingExecutor(label: label)
        self.clock = clock
        path = location.path
        observer = try? LeaseHolder.current()
    }

    func open(_ location: StoreLocation) throws(JournalError) {
        do {
            connection = try OpeningLock.shared.withProcess {
                try StoreConnection.readingBesideWriter(location, label: "changeover.journal.reader")
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

    func swaps(liveOnly: Bool) throws(JournalError) -> [SwapRow] {
        let judge = LeaseJudge(observer: observer, clock: clock)
        return try read("list swaps") { queries in try queries.swaps(liveOnly: liveOnly, judge: judge) }
    }

    func swap(_ id: SwapID) throws(JournalError) -> SwapRow? {
        let judge = LeaseJudge(observer: observer, clock: clock)
        return try read("read \(id)") { queries in try queries.swap(id, judge: judge) }
    }

    /// Runs one consistent read.
    func read<Result>(
        _ doing: String, _ body: (StoreQueries) throws -> Result
    ) throws(JournalError) -> Result {
        guard let connection else { throw JournalError.storeClosed(path) }
        do {
            return try connection.read { db in try body(StoreQueries(db: db)) }
        } catch {
            throw StoreFailure(path: path, doing: doing).error(from: error)
        }
    }

    func records(of id: SwapID, after sequence: Int) throws(JournalError) -> [JournalRecord] {
        try read("read \(id)") { queries in try queries.records(of: id, after: sequence) }
    }

    func logLines(of id: SwapID, after number: Int64, limit: Int) throws(JournalError) -> [LogLine] {
        try read("read the log of \(id)") { queries in
            try queries.logLines(of: id, after: number, limit: limit)
        }
    }

    func pendingRequests(of id: SwapID) throws(JournalError) -> [PostedRequest] {
        try read("read the requests of \(id)") { queries in try queries.pendingRequests(of: id) }
    }

    func dataVersion() throws(JournalError) -> Int64 {
        try read("look for changes") { queries in try queries.dataVersion() }
    }
}
