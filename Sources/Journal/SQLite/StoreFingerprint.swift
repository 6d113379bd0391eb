import Foundation

/// How a store's files lie on disk at one moment, told without opening any of them.
struct StoreFingerprint: Hashable {
    /// One file's identity and age.
    struct File: Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    /// What a reader has to do.
    enum Layout {
        /// There is no store.
        case missing
        /// No log: the file is whole and in nobody's use.
        case settled
        /// A log with its index: a store in use, or one whose last user was killed.
        case live
        /// A log without its index, as a copy of two files leaves it.
        case unindexed
    }

    /// The length of a write-ahead log's header in bytes (SQLite, "WAL File Format").
    private static let logHeaderSize = 32

    var main: File?
    var log: File?
    var index: File?

    init(path: String) {
        main = File(path)
        log = File(path + "-wal")
        index = File(path + "-shm")
    }

    var layout: Layout {
        guard let main, main.size > 0 else { return log.map { $0.size > 0 } == true ? .live : .missing }
        guard let log else { return .settled }
        // A log of a header alone, as a program leaves that was killed while it made the store, has nothing to read; and
        // SQLite cannot make a read-only index of it, however often it tries.
        if log.size > 0, log.size <= Self.logHeaderSize { return .settled }
        if index != nil { return .live }
        return log.size > 0 ? .unindexed : .settled
    }

    /// Whether both name the same files, whatever was written since.
    func hasSameFiles(as other: StoreFingerprint) -> Bool {
        main?.inode == other.main?.inode && log?.inode == other.log?.inode && index?.inode == other.index?.inode
            && main?.device == other.main?.device
    }
}
