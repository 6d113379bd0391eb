import Foundation
import Glibc

/// Reads and writes small files so that a crash at any moment leaves either the old or the new content.
enum DurableFile {
    /// Writes `data` to `path` through a synced temporary file and a rename, and syncs the folder.
    static func write(_ data: Data, to path: String, mode: mode_t = 0o644) throws(SystemFailure) {
        let temporary = "\(path).\(UUID().uuidString).new"
        do throws(SystemFailure) {
            let file = try OwnedDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try file.write(Array(data))
            guard fsync(file.number) == 0 else { throw SystemFailure(doing: "sync \(path)") }
            guard rename(temporary, path) == 0 else { throw SystemFailure(doing: "write \(path)") }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncFolder((path as NSString).deletingLastPathComponent)
    }

    /// Makes renames and removals in a folder durable.
    static func syncFolder(_ path: String) throws(SystemFailure) {
        let folder = try OwnedDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        guard fsync(folder.number) == 0 else { throw SystemFailure(doing: "sync \(path)") }
    }

    /// Creates a folder and its parents; succeeds when it exists.
    static func createFolder(_ path: String) throws(SystemFailure) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path != "/" else { throw SystemFailure(doing: "create the folder \(path)") }
        try createFolder((path as NSString).deletingLastPathComponent)
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw SystemFailure(doing: "create the folder \(path)")
        }
    }

    /// Removes a file or a whole folder; succeeds when it does not exist.
    static func remove(_ path: String) throws(SystemFailure) {
        var information = stat()
        guard lstat(path, &information) == 0 else {
            if errno == ENOENT { return }
            throw SystemFailure(doing: "remove \(path)")
        }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            guard lstat(path, &information) == 0 else { return }
            let cause = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
            throw SystemFailure(doing: "remove \(path)", number: cause.map { Int32(clamping: $0) } ?? EIO)
        }
    }

    /// The last `limit` bytes of a file as UTF-8 with repairs; empty when it does not exist.
    static func tail(_ path: String, limit: Int) throws(SystemFailure) -> String {
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else {
            if errno == ENOENT { return "" }
            throw SystemFailure(doing: "read \(path)")
        }
        let handle = FileHandle(fileDescriptor: number, closeOnDealloc: true)
        do {
            let size = try handle.seekToEnd()
            try handle.seek(toOffset: size > UInt64(limit) ? size - UInt64(limit) : 0)
            return String(decoding: try handle.read(upToCount: limit) ?? Data(), as: UTF8.self)
        } catch {
            throw SystemFailure(doing: "read \(path)", number: EIO)
        }
    }
}
