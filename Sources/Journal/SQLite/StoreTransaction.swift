import GRDB
import Workflow

/// What is written within one transaction.
struct StoreTransaction {
    /// The longest log line kept, in bytes of UTF-8.
    static let logLineLimitBytes = 8192

    let db: Database
    let judge: LeaseJudge

    var queries: StoreQueries { StoreQueries(db: db) }

    func create(
        _ id: SwapID, claims: [String], first: JournalEntry, holder: LeaseHolder, leaseLength: Span
    ) throws -> Lease {
        guard try queries.number(of: id) == nil else {
            throw JournalError(.storage, detail: "the swap \(id) exists already; choose another id", swap: id)
        }
        let claims = Set(claims).sorted()
        try refuseTaken(claims)
        try db.execute(
            sql: """
                INSERT INTO swaps (id, created_at, updated_at, last_sequence, has_ended, summary)
                VALUES (?, ?, ?, 0, 0, '')
                """,
            arguments: [id.rawValue, first.at.milliseconds, first.at.milliseconds])
        let number = db.lastInsertedRowID
        for claim in claims {
            try db.execute(sql: "INSERT INTO claims (claim, swap) VALUES (?, ?)", arguments: [claim, number])
        }
        try db.execute(
            sql: "INSERT INTO leases (swap, epoch, expires_monotonic, expires_wall) VALUES (?, 0, 0, 0)",
            arguments: [number])
        let lease = try grant(id, number: number, epoch: 1, holder: holder, leaseLength: leaseLength)
        try insert(first, swap: number, sequence: 1, epoch: 1)
        return lease
    }

    private func refuseTaken(_ claims: [String]) throws {
        for claim in claims {
            let owner = try String.fetchOne(
                db, sql: "SELECT swaps.id FROM claims JOIN swaps ON swaps.number = claims.swap WHERE claim = ?",
                arguments: [claim])
            guard let owner else { continue }
            throw JournalError(
                .instanceBusy,
                detail: "\(claim) is being changed by \(owner), which has not ended; see `changeover status \(owner)`",
                swap: SwapID(owner))
        }
    }

    func append(_ entry: JournalEntry, expectedSequence: Int, under lease: Lease) throws -> Int {
        let number = try queries.knownNumber(of: lease.swap)
        try requireHeld(lease, number: number)
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT last_sequence, has_ended FROM swaps WHERE number = ?"),
            arguments: [number])
        let last: Int = row?["last_sequence"] ?? 0
        guard expectedSequence == last + 1 else {
            throw JournalError(
                .leaseLost,
                detail: "nothing was written to \(lease.swap): record \(expectedSequence) was to follow, but the "
                    + "newest is \(last); read the journal again")
        }
        if row?["has_ended"] ?? false, !entry.summary.hasEnded {
            throw JournalError(
                .storage, detail: "nothing was written to \(lease.swap): it has ended, and its claims are free")
        }
        try insert(entry, swap: number, sequence: expectedSequence, epoch: lease.epoch)
        return expectedSequence
    }

    private func insert(_ entry: JournalEntry, swap number: Int64, sequence: Int, epoch: Int) throws {
        let summary = try StoreJSON.text(entry.summary)
        try db.cachedStatement(
            sql: """
                INSERT INTO records (swap, sequence, epoch, at, event, intents, reasons, summary, takes_request)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            number, sequence, epoch, entry.at.milliseconds, try StoreJSON.text(entry.event),
            try StoreJSON.text(entry.intents), try StoreJSON.text(entry.reasons), summary, entry.takesRequest,
        ])
        try db.cachedStatement(
            sql: """
                UPDATE swaps SET updated_at = ?, last_sequence = ?, has_ended = ?, summary = ? WHERE number = ?
                """
        ).execute(arguments: [entry.at.milliseconds, sequence, entry.summary.hasEnded, summary, number])
        if let request = entry.takesRequest {
            try db.execute(
                sql: "UPDATE requests SET taken_by = ? WHERE number = ? AND swap = ? AND taken_by IS NULL",
                arguments: [sequence, request, number])
        }
        for claim in entry.summary.instanceClaims {
            try db.cachedStatement(sql: "INSERT OR IGNORE INTO claims (claim, swap) VALUES (?, ?)")
                .execute(arguments: [claim, number])
        }
        if entry.summary.hasEnded {
            try db.execute(sql: "DELETE FROM claims WHERE swap = ?", arguments: [number])
        }
    }

    func post(_ request: OperatorRequest, for id: SwapID, at: WallTime) throws -> Int64 {
        let number = try queries.knownNumber(of: id)
        try db.execute(
            sql: "INSERT INTO requests (swap, at, request) VALUES (?, ?, ?)",
            arguments: [number, at.milliseconds, try StoreJSON.text(request)])
        return db.lastInsertedRowID
    }

    func appendLog(_ lines: [LogLine], of id: SwapID) throws {
        guard !lines.isEmpty else { return }
        let number = try queries.knownNumber(of: id)
        let statement = try db.cachedStatement(
            sql: "INSERT INTO log (swap, at, instance, source, text) VALUES (?, ?, ?, ?, ?)")
        for line in lines {
            try statement.execute(arguments: [
                number, line.at.milliseconds, line.instance?.rawValue, line.source, Self.bounded(line.text),
            ])
        }
    }

    /// Cuts a line at the limit, at a whole character, and says so.
    static func bounded(_ text: String) -> String {
        let size = text.utf8.count
        guard size > logLineLimitBytes else { return text }
        let mark = " … (\(size) bytes, cut)"
        var kept = ""
        var room = logLineLimitBytes - mark.utf8.count
        for character in text {
            room -= character.utf8.count
            guard room >= 0 else { break }
            kept.append(character)
        }
        return kept + mark
    }
}
