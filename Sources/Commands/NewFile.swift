import Foundation

/// Writes files that must not take the place of others.
enum NewFile {
    /// Throws unless the file may be written; says so before the work that would be lost.
    static func require(_ path: String, force: Bool = false) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw CommandFailure(.usage, code: "no-folder", "\(path) cannot be written: there is no folder \(folder)")
        }
        guard access(folder, W_OK) == 0 else {
            throw CommandFailure(.usage, code: "cannot-write", "\(path) cannot be written: \(folder) is not writable")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard force, status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure(
                .usage, code: "exists", "\(path) exists and is not overwritten: name another file, or remove it first")
        }
    }

    /// Writes the whole file or nothing; throws when it exists and `force` does not say otherwise.
    ///
    /// A private file can be read by nobody else.
    static func write(_ text: String, to path: String, force: Bool = false, isPrivate: Bool = false) throws {
        try require(path, force: force)
        let draft = "\(path).\(getpid()).tmp"
        let mode: mode_t = isPrivate ? 0o600 : 0o666
        do {
            let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
            guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: Data(text.utf8))
            try file.close()
            // A link takes nobody's place, a renaming does.
            guard (force ? rename(draft, path) : link(draft, path)) == 0 else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
            if !force { unlink(draft) }
        } catch {
            unlink(draft)
            throw CommandFailure(
                .needsOperator, code: "cannot-write", "\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
