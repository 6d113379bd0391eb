import Foundation

/// Reads files that an operator names, with errors that say what to do.
enum FileReader {
    /// Documents are refused above 256 KiB by their parser; this bounds what is read at all.
    private static let limitBytes = 8 << 20
    /// Recordings hold answers of up to 1 MiB each.
    private static let recordingLimitBytes = 1 << 30

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The whole of a recording, however many answers it has.
    static func recording(_ path: String) throws -> [UInt8] {
        try bytes(of: path, what: "the recording", limit: recordingLimitBytes)
    }

    static func bytes(of path: String, what: String) throws -> [UInt8] {
        try bytes(of: path, what: what, limit: limitBytes)
    }

    private static func bytes(of path: String, what: String, limit: Int) throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(.usage, code: "no-file", "\(path): there is no such file, so \(what) cannot be read")
        }
        guard !isFolder.boolValue else {
            throw CommandFailure(.usage, code: "no-file", "\(path) is a folder; \(what) must be a file")
        }
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: limit)
        else {
            if FileManager.default.contents(atPath: path)?.isEmpty == true { return [] }
            throw CommandFailure(
                .usage, code: "unreadable", "\(path) cannot be read by this user, so \(what) is not known")
        }
        return [UInt8](data)
    }

    /// A check file that another one extends; `nil` when it cannot be read.
    static func checkFile(_ path: String) -> [UInt8]? {
        try? bytes(of: path, what: "the check file")
    }
}
