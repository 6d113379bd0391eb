import Foundation

/// Reads files that an operator names, with errors that say what to do.
enum FileReader {
    /// Documents are refused above 256 KiB by their parser; this bounds what is read at all.
    private static let limitBytes = 8 << 20

    static func bytes(of path: String, what: String) throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(.usage, code: "no-file", "\(path): there is no such file, so \(what) cannot be read")
        }
        guard !isFolder.boolValue else {
            throw CommandFailure(.usage, code: "no-file", "\(path) is a folder; \(what) must be a file")
        }
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: limitBytes)
        else {
            if FileManager.default.contents(atPath: path)?.isEmpty == true { return [] }
            throw CommandFailure(
                .usage, code: "unreadable", "\(path) cannot be read by this user, so \(what) is not known")
        }
        return [UInt8](data)
    }
}
