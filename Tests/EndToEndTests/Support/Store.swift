/// Looks into the journal as an independent party: with Python's SQLite.
enum Store {
    /// How soon a driver took up a request.
    struct Reaction: Sendable {
        var command: String
        var milliseconds: Int
    }

    /// SQLite's own verdict over the file, and the journal's promises: sequences without gaps, epochs that never decrease.
    static func check(_ fixture: Fixture) async throws -> String {
        try await fixture.python(
            """
            import sqlite3, sys
            db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
            problems = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            rows = list(db.execute("SELECT swap, sequence, epoch FROM records ORDER BY swap, sequence"))
            for before, after in zip(rows, rows[1:]):
                if before[0] == after[0] and (after[1] != before[1] + 1 or after[2] < before[2]):
                    problems.append("%s is followed by %s" % (before, after))
            print("; ".join(problems) or "ok", end="")
            """, [fixture.store + "/journal.sqlite"])
    }

    /// From a request's posting to the record that takes it up, by the times in the journal.
    static func reactions(_ fixture: Fixture) async throws -> [Reaction] {
        try await fixture.python(
            """
            import sqlite3, sys
            db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
            for row in db.execute(
                "SELECT json_extract(q.request, '$.command'), r.at - q.at FROM requests q "
                "JOIN records r ON r.swap = q.swap AND r.takes_request = q.number ORDER BY q.number"
            ): print(*row)
            """, [fixture.store + "/journal.sqlite"]
        ).split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            return Reaction(command: String(parts[0]), milliseconds: Int(parts[1]) ?? -1)
        }
    }
}
