import Foundation

/// What is in a copy of the store, read with Python's SQLite.
struct JournalText: Decodable, Sendable {
    struct Record: Decodable, Sendable {
        var state: String
        /// Each intent in words, such as `stop i-0123456789ab`.
        var intents: [String]
    }

    /// What `integrity_check`, `foreign_key_check` and the journal's own promises have against it; empty when all hold.
    var problems: [String]
    /// The ids of all swaps, oldest first.
    var swaps: [String]
    /// Those of the newest swap.
    var records: [Record]
    /// How many claims and requests are open.
    var claims: Int
    var openRequests: Int

    static let empty = JournalText(problems: [], swaps: [], records: [], claims: 0, openRequests: 0)

    /// Reads stores, each as SQLite finds it after a crash; a store that does not exist, or has no tables yet, is empty.
    static func read(_ copies: [String], in fixture: Fixture) async throws -> [JournalText] {
        let output = try await fixture.python(script, copies.map { $0 + "/journal.sqlite" })
        return try JSONDecoder().decode([JournalText].self, from: Data(output.utf8))
    }

    /// Copies a store that no process has open, without the index, which is rebuilt.
    static func copy(of fixture: Fixture, to name: String) throws -> String {
        let folder = "\(fixture.folder)/copies/\(name)"
        let files = FileManager.default
        if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-journal"] {
            let source = "\(fixture.store)/\(file)"
            if files.fileExists(atPath: source) { try files.copyItem(atPath: source, toPath: "\(folder)/\(file)") }
        }
        return folder
    }

    private static let script = """
        import json, os, sqlite3, sys
        def words(intent):
            (kind, value), = intent["request"].items()
            if kind == "traffic":
                # A server that is there already is brought in by either in the same way.
                action = value["_1"]["action"]
                return ("admit" if action in ("register", "restore") else action) + " " + value["_1"]["instance"]
            return kind if kind == "launch" else kind + " " + value["_0"]
        def read(path):
            found = dict(problems=[], swaps=[], records=[], claims=0, openRequests=0)
            if not os.path.exists(path): return found
            db = sqlite3.connect(path)
            problems = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            problems += ["%s" % (row,) for row in db.execute("PRAGMA foreign_key_check")]
            if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'log'").fetchone()[0]:
                rows = list(db.execute("SELECT swap, sequence, epoch FROM records ORDER BY swap, sequence"))
                for before, after in zip(rows, rows[1:]):
                    if before[0] == after[0] and (after[1] != before[1] + 1 or after[2] < before[2]):
                        problems.append("%s is followed by %s" % (before, after))
                swaps = list(db.execute("SELECT number, id FROM swaps ORDER BY number"))
                found["swaps"] = [row[1] for row in swaps]
                newest = swaps[-1][0] if swaps else 0
                for state, intents in db.execute(
                    "SELECT json_extract(summary, '$.state'), intents FROM records WHERE swap = ? ORDER BY sequence",
                    (newest,)):
                    found["records"].append(dict(
                        state=state, intents=[words(intent) for intent in json.loads(intents)]))
                found["claims"] = db.execute("SELECT count(*) FROM claims").fetchone()[0]
                found["openRequests"] = db.execute(
                    "SELECT count(*) FROM requests WHERE taken_by IS NULL").fetchone()[0]
            db.close()
            found["problems"] = problems
            return found
        def safely(path):
            try: return read(path)
            except sqlite3.DatabaseError as error:
                return dict(problems=[str(error)], swaps=[], records=[], claims=0, openRequests=0)
        print(json.dumps([safely(path) for path in sys.argv[1:]]))
        """
}
