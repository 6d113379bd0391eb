import GRDB
import Workflow

/// What is read from a store; the same for the journal and for its readers.
struct StoreQueries {
    let db: Database

    /// A swap's number in the store; `nil` when the store does not know it.
    func number(of id: SwapID) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM swaps WHERE id = ?"), arguments: [id.rawValue])
    }

    /// A swap's number in the store; throws `unknownSwap` when the store does not know it.
    func knownNumber(of id: SwapID) throws -> Int64 {
        guard let number = try number(of: id) else {
            throw JournalError(
                .unknownSwap, detail: "the store knows no swap \(id); `changeover list` shows those it knows")
        }
        return number
    }

    func swaps(liveOnly: Bool, judge: LeaseJudge) throws -> [SwapRow] {
        let condition = liveOnly ? "WHERE swaps.has_ended = 0" : ""
        return try Row.fetchAll(db, sql: "\(Self.swapQuery) \(condition) ORDER BY swaps.number DESC")
            .map { try swapRow($0, judge: judge) }
    }

    func swap(_ id: SwapID, judge: LeaseJudge) throws -> SwapRow? {
        try Row.fetchOne(db, sql: "\(Self.swapQuery) WHERE swaps.id = ?", arguments: [id.rawValue])
            .map { try swapRow($0, judge: judge) }
    }

    private static let swapQuery = """
        SELECT swaps.id, swaps.created_at, swaps.updated_at, swaps.summary, \(LeaseRow.columns)
        FROM swaps JOIN leases ON leases.swap = swaps.number
        """

    private func swapRow(_ row: Row, judge: LeaseJudge) throws -> SwapRow {
        SwapRow(
            id: SwapID(row["id"] as String),
            createdAt: WallTime(milliseconds: row["created_at"]),
            updatedAt: WallTime(milliseconds: row["updated_at"]),
            summary: try StoreJSON.value(SwapSummary.self, row["summary"]),
            driver: judge.bindingHolder(of: LeaseRow(row)))
    }

    func records(of id: SwapID, after sequence: Int) throws -> [JournalRecord] {
        guard let number = try number(of: id) else { return [] }
        let statement = try db.cachedStatement(
            sql: """
                SELECT sequence, epoch, at, event, intents, reasons, summary, takes_request
                FROM records WHERE swap = ? AND sequence > ? ORDER BY sequence
                """)
        return try Row.fetchAll(statement, arguments: [number, sequence]).map { row in
            JournalRecord(
                sequence: row["sequence"], epoch: row["epoch"],
                entry: JournalEntry(
                    at: WallTime(milliseconds: row["at"]),
                    event: try StoreJSON.value(SwapEvent.self, row["event"]),
                    intents: try StoreJSON.value([Call].self, row["intents"]),
                    reasons: try StoreJSON.value([String].self, row["reasons"]),
                    summary: try StoreJSON.value(SwapSummary.self, row["summary"]),
                    takesRequest: row["takes_request"]))
        }
    }

    func logLines(of id: SwapID, after number: Int64, limit: Int) throws -> [LogLine] {
        guard limit > 0, let swap = try self.number(of: id) else { return [] }
        let statement = try db.cachedStatement(
            sql: """
                SELECT number, at, instance, source, text FROM log
                WHERE swap = ? AND number > ? ORDER BY number LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [swap, number, limit]).map { row in
            LogLine(
                number: row["number"], at: WallTime(milliseconds: row["at"]),
                instance: (row["instance"] as String?).map { InstanceID($0) }, source: row["source"],
                text: row["text"])
        }
    }

    func pendingRequests(of id: SwapID) throws -> [PostedRequest] {
        guard let swap = try number(of: id) else { return [] }
        let statement = try db.cachedStatement(
            sql: "SELECT number, at, request FROM requests WHERE swap = ? AND taken_by IS NULL ORDER BY number")
        return try Row.fetchAll(statement, arguments: [swap]).map { row in
            PostedRequest(
                number: row["number"], at: WallTime(milliseconds: row["at"]),
                request: try StoreJSON.value(OperatorRequest.self, row["request"]))
        }
    }

    /// SQLite's count of other connections' commits, as this connection sees it.
    func dataVersion() throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
    }
}
