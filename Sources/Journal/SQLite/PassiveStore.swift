import Foundation
import GRDB
import Workflow

/// Reads a store without ever creating or changing a byte beside or in it, whatever state its files are in.
///
/// A plain read-only opening is not enough: SQLite would create `-wal` and `-shm`, and write read marks into `-shm`.
/// - In use, or left by a killed process: `readonly_shm=1` maps the index read-only; without any other user SQLite
///   rebuilds the index in memory.
///   (Beside a journal of this same process SQLite shares that journal's own mapping, read marks included.)
/// - Without a log: `immutable=1` reads without locks, and the files are looked at again afterwards.
/// - With a log and no index: both files are copied to a temporary folder and read there.
actor PassiveStore {
    /// How long a store that keeps changing hands is looked at again; one look may take SQLite seconds.
    private static let patience = Duration.seconds(10)
    private static let pauseMicroseconds: UInt32 = 2000

    private let executor: BlockingExecutor
    private let location: StoreLocation
    private var live: (connection: DatabaseQueue, files: StoreFingerprint)?
    private var isClosed = false
    private var counter: Int64 = 0
    private var token: ChangeToken?

    /// What tells one state of the store from another.
    private enum ChangeToken: Equatable {
        case files(StoreFingerprint)
        case version(StoreFingerprint.File?, Int64)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(location: StoreLocation) {
        executor = BlockingExecutor(label: "changeover.journal.passive")
        self.location = location
    }

    func close() {
        dropLive()
        isClosed = true
    }

    /// Runs one consistent read; `nil` when there is no store yet.
    func read<Result>(
        _ doing: String, _ body: (StoreQueries) throws -> Result
    ) throws(JournalError) -> Result? {
        guard !isClosed else { throw JournalError.storeClosed(location.path) }
        do {
            let end = ContinuousClock.now + Self.patience
            repeat {
                switch try attempt(body) {
                case .read(let result): return result
                case .changedMeanwhile: usleep(Self.pauseMicroseconds)
                }
            } while ContinuousClock.now < end
        } catch {
            throw StoreFailure(path: location.path, doing: doing).error(from: error)
        }
        throw JournalError(
            .storage, detail: "cannot \(doing): the store \(location.path) kept changing hands; try again")
    }

    /// Counts up whenever the store is not as it was when last asked.
    func changeCounter() throws(JournalError) -> Int64 {
        let version = try read("look for changes") { queries in try queries.dataVersion() }
        let files = StoreFingerprint(path: location.path)
        let now: ChangeToken =
            if files.layout == .live, let version { .version(files.log, version) } else { .files(files) }
        if token != now {
            token = now
            counter += 1
        }
        return counter
    }

    private enum Attempt<Result> {
        case read(Result?)
        case changedMeanwhile
    }

    private func attempt<Result>(_ body: (StoreQueries) throws -> Result) throws -> Attempt<Result> {
        let files = StoreFingerprint(path: location.path)
        switch files.layout {
        case .missing:
            dropLive()
            return .read(nil)
        case .live:
            return try readLive(files, body)
        case .settled:
            dropLive()
            return try readAside(files) { try query(StoreConnection.readingSettled(location), body) }
        case .unindexed:
            dropLive()
            return try readAside(files) { try readCopy(body) }
        }
    }

    private func readLive<Result>(
        _ files: StoreFingerprint, _ body: (StoreQueries) throws -> Result
    ) throws -> Attempt<Result> {
        do {
            return .read(try check(try liveConnection(files), body))
        } catch let error as DatabaseError where Self.isPassing(error) {
            dropLive()
            return .changedMeanwhile
        }
    }

    /// A writer that is just opening, recovering or closing; worth another look.
    private static func isPassing(_ error: DatabaseError) -> Bool {
        switch error.resultCode {
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_BUSY, .SQLITE_PROTOCOL: true
        default: false
        }
    }

    private func liveConnection(_ files: StoreFingerprint) throws -> DatabaseQueue {
        if let live, live.files.hasSameFiles(as: files) { return live.connection }
        dropLive()
        let connection = try OpeningLock.shared.withProcess { try StoreConnection.readingLive(location) }
        live = (connection, files)
        return connection
    }

    private func dropLive() {
        guard let live else { return }
        OpeningLock.shared.withProcess {
            // Closing fails only while statements are in use; the connection is then closed as it is released.
            try? live.connection.close()
        }
        self.live = nil
    }

    /// Reads files that nobody uses; nothing of this process may open them meanwhile, see `OpeningLock`.
    private func readAside<Result>(
        _ files: StoreFingerprint, _ body: () throws -> Result?
    ) throws -> Attempt<Result> {
        try OpeningLock.shared.withProcess {
            guard StoreFingerprint(path: location.path) == files else { return .changedMeanwhile }
            do {
                let result = try body()
                return StoreFingerprint(path: location.path) == files ? .read(result) : .changedMeanwhile
            } catch  where StoreFingerprint(path: location.path) != files {
                return .changedMeanwhile
            }
        }
    }

    private func readCopy<Result>(_ body: (StoreQueries) throws -> Result) throws -> Result? {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("changeover-read-\(UUID().uuidString)").path
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? files.removeItem(atPath: folder) }
        let copy = StoreLocation(path: folder + "/store")
        try files.copyItem(atPath: location.path, toPath: copy.path)
        try files.copyItem(atPath: location.path + "-wal", toPath: copy.path + "-wal")
        return try query(StoreConnection.readingBesideWriter(copy, label: "changeover.journal.copy"), body)
    }

    private func query<Result>(
        _ connection: DatabaseQueue, _ body: (StoreQueries) throws -> Result
    ) throws -> Result? {
        defer { try? connection.close() }
        return try check(connection, body)
    }

    private func check<Result>(
        _ connection: DatabaseQueue, _ body: (StoreQueries) throws -> Result
    ) throws -> Result? {
        try connection.read { db in
            guard try StoreSchema.state(db, path: location.path) == .known else { return nil }
            return try body(StoreQueries(db: db))
        }
    }
}
