import GRDB
import Workflow

/// The tables of a store, and how an opener tells a store from anything else.
enum StoreSchema {
    /// What a file is.
    enum State {
        /// An empty database: no store yet.
        case empty
        /// A store of this program's version, or of an earlier one that can be migrated.
        case known
    }

    /// Marks the file as a store of this program: `CHOV`.
    static let applicationID = 0x4348_4F56

    /// Tells what the database is, and refuses other programs' databases and stores from the future.
    static func state(_ db: Database, path: String) throws -> State {
        guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_master)") ?? false else { return .empty }
        let found = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard found == applicationID else {
            throw JournalError(
                .corrupt,
                detail: "\(path) is an SQLite database of another program, not a store; name another file")
        }
        guard try !migrator.hasBeenSuperseded(db) else {
            throw JournalError(
                .corrupt,
                detail: "the store \(path) was written by a newer version of changeover; use that version, or another "
                    + "store")
        }
        return try migrator.appliedMigrations(db).isEmpty ? .empty : .known
    }

    /// All steps from an empty file to the present tables, in order; none is ever edited once released.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1-journal") { db in
            try db.execute(sql: swapTables)
            try db.execute(sql: driveTables)
            try db.execute(sql: guards)
        }
        return migrator
    }

    private static let swapTables = """
        CREATE TABLE swaps (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL,
            has_ended INTEGER NOT NULL,
            summary TEXT NOT NULL
        );
        CREATE INDEX swaps_live ON swaps (number) WHERE has_ended = 0;
        CREATE TABLE claims (
            claim TEXT NOT NULL PRIMARY KEY,
            swap INTEGER NOT NULL REFERENCES swaps (number)
        ) WITHOUT ROWID;
        CREATE INDEX claims_swap ON claims (swap);
        CREATE TABLE records (
            swap INTEGER NOT NULL REFERENCES swaps (number),
            sequence INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            at INTEGER NOT NULL,
            event TEXT NOT NULL,
            intents TEXT NOT NULL,
            reasons TEXT NOT NULL,
            summary TEXT NOT NULL,
            takes_request INTEGER,
            PRIMARY KEY (swap, sequence)
        ) WITHOUT ROWID;
        """

    private static let driveTables = """
        CREATE TABLE leases (
            swap INTEGER PRIMARY KEY REFERENCES swaps (number),
            epoch INTEGER NOT NULL,
            host TEXT,
            boot_id TEXT,
            process_id INTEGER,
            process_start INTEGER,
            expires_monotonic INTEGER NOT NULL,
            expires_wall INTEGER NOT NULL
        );
        CREATE TABLE requests (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            swap INTEGER NOT NULL REFERENCES swaps (number),
            at INTEGER NOT NULL,
            request TEXT NOT NULL,
            taken_by INTEGER
        );
        CREATE INDEX requests_pending ON requests (swap, number) WHERE taken_by IS NULL;
        CREATE TABLE log (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            swap INTEGER NOT NULL REFERENCES swaps (number),
            at INTEGER NOT NULL,
            instance TEXT,
            source TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX log_swap ON log (swap, number);
        """

    private static let guards = """
        CREATE TRIGGER records_keep BEFORE UPDATE ON records
        BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
        CREATE TRIGGER records_stay BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'a record is never removed'); END;
        CREATE TRIGGER epochs_grow BEFORE UPDATE OF epoch ON leases WHEN NEW.epoch < OLD.epoch
        BEGIN SELECT RAISE(ABORT, 'an epoch never decreases'); END;
        """
}
