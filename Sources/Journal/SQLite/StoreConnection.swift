import Foundation
import GRDB
import Workflow

/// Opens connections to a store's file with the settings that the journal's promises need.
enum StoreConnection {
    /// How long a connection waits for another process's transaction, in seconds.
    private static let busyTimeoutSeconds = 5.0
    /// `PRAGMA synchronous` as SQLite reports FULL.
    private static let synchronousFull = 2

    /// Opens the one connection that writes: WAL, synchronous FULL, both read back.
    ///
    /// GRDB's own set-up of WAL ends with `synchronous = NORMAL`, after `prepareDatabase` has run. A `DatabaseQueue`
    /// whose journal mode is left at `.default` never runs that set-up, so what is set here holds as long as the
    /// connection lives; and a queue never opens a second connection.
    static func writing(_ location: StoreLocation) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "changeover.journal.writer"
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.foreignKeysEnabled = true
        configuration.journalMode = .default
        configuration.prepareDatabase { db in
            let state = try StoreSchema.state(db, path: location.path)
            try makeDurable(db, path: location.path)
            if state == .empty {
                try db.execute(sql: "PRAGMA application_id = \(StoreSchema.applicationID)")
            }
        }
        let queue = try DatabaseQueue(path: location.path, configuration: configuration)
        try StoreSchema.migrator.migrate(queue)
        try queue.inDatabase { db in try requireDurable(db, path: location.path) }
        return queue
    }

    private static func makeDurable(_ db: Database, path: String) throws {
        try db.execute(sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try requireDurable(db, path: path)
    }

    /// Throws unless the connection reads back WAL and FULL.
    static func requireDurable(_ db: Database, path: String) throws {
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "none"
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
        guard mode == "wal", synchronous == synchronousFull else {
            throw JournalError(
                .cannotOpen,
                detail: "cannot open the store \(path): this SQLite does not keep it durable (journal mode \(mode), "
                    + "synchronous \(synchronous)); it needs WAL and FULL: put the store on a local disk")
        }
    }

    /// Opens a connection that reads beside a writer of this process, whose WAL is there.
    static func readingBesideWriter(_ location: StoreLocation, label: String) throws -> DatabaseQueue {
        try DatabaseQueue(path: location.path, configuration: readConfiguration(label: label))
    }

    /// Opens a connection that reads a store in use and changes no byte of it, not even of the `-shm` file.
    static func readingLive(_ location: StoreLocation) throws -> DatabaseQueue {
        try DatabaseQueue(
            path: uri(location.path, options: "mode=ro&readonly_shm=1"),
            configuration: readConfiguration(label: "changeover.journal.live"))
    }

    /// Opens a connection, without any locking, that reads a file which has no WAL and so is in nobody's use.
    static func readingSettled(_ location: StoreLocation) throws -> DatabaseQueue {
        try DatabaseQueue(
            path: uri(location.path, options: "mode=ro&immutable=1"),
            configuration: readConfiguration(label: "changeover.journal.settled"))
    }

    private static func readConfiguration(label: String) -> Configuration {
        var configuration = Configuration()
        configuration.label = label
        configuration.readonly = true
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        return configuration
    }

    /// SQLite's URI form of a path; Debian's and Ubuntu's SQLite is built with `SQLITE_USE_URI`.
    private static func uri(_ path: String, options: String) -> String {
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove(charactersIn: "?#%;")
        let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) ?? path
        return "file:\(escaped)?\(options)"
    }
}
