import Foundation
import Workflow

/// Where a store lies, and what is asked of the place before SQLite touches it.
struct StoreLocation: Sendable {
    /// The store's file, absolute, with symbolic links resolved as far as it exists.
    let path: String

    /// The folder that holds the store and its `-wal` and `-shm` companions.
    var folder: String { (path as NSString).deletingLastPathComponent }

    init(path: String) {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let folder = (absolute as NSString).deletingLastPathComponent
        let name = (absolute as NSString).lastPathComponent
        if let resolved = Self.resolve(absolute) {
            self.path = resolved
        } else if let resolved = Self.resolve(folder) {
            self.path = (resolved as NSString).appendingPathComponent(name)
        } else {
            self.path = absolute
        }
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Creates the folder when absent, and refuses a place that cannot be written or is not on a local file system.
    func prepareForWriting() throws(JournalError) {
        let failure = StoreFailure(path: path, doing: "open the store")
        try createFolder(failure)
        try refuseRemoteFileSystem()
        guard access(folder, W_OK | X_OK) == 0 else { throw failure.error(errno: errno) }
        if access(path, F_OK) == 0 {
            var status = stat()
            guard stat(path, &status) == 0 else { throw failure.error(errno: errno) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw JournalError(.cannotOpen, detail: "cannot open the store: \(path) is not a regular file")
            }
            guard access(path, R_OK | W_OK) == 0 else { throw failure.error(errno: errno) }
        }
    }

    private func createFolder(_ failure: StoreFailure) throws(JournalError) {
        var missing: [String] = []
        var folder = folder
        while access(folder, F_OK) != 0, errno == ENOENT, folder != "/" {
            missing.append(folder)
            folder = (folder as NSString).deletingLastPathComponent
        }
        for folder in missing.reversed() where mkdir(folder, 0o755) != 0 && errno != EEXIST {
            throw failure.error(errno: errno)
        }
        var status = stat()
        guard stat(self.folder, &status) == 0 else { throw failure.error(errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw failure.error(errno: ENOTDIR) }
    }

    /// Refuses file systems on which SQLite's locks or shared memory do not hold between machines.
    private func refuseRemoteFileSystem() throws(JournalError) {
        guard let text = ProcessTable.text(of: "/proc/self/mountinfo"),
            let kind = MountTable(text).kind(ofFolder: folder), MountTable.isRemote(kind)
        else { return }
        throw JournalError(
            .cannotOpen,
            detail: "cannot open the store: \(folder) is on a file system of kind \(kind), where locks and synced "
                + "writes cannot be relied upon; put the store on a local disk, or share it through PostgreSQL")
    }
}
