import Foundation
import Glibc

/// Finds a request's program: as it is when its name has a slash, else in the `PATH` of the request's environment.
struct ProgramSearch {
    /// Where programs are looked for when the environment has no `PATH`.
    static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private let request: ProcessRequest

    /// Creates a search for the program of `request`.
    init(_ request: ProcessRequest) {
        self.request = request
    }

    /// The program's path; throws when there is none, or when an argument cannot be passed to a program at all.
    func find() throws(ProcessError) -> String {
        guard let name = request.arguments.first, !name.isEmpty else {
            throw .notFound("the command is empty")
        }
        let texts = request.arguments + request.environment.flatMap { [$0.key, $0.value] }
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw .notPermitted("an argument or variable of \(name) has a NUL byte, which no program can be given")
        }
        if let folder = request.folder, !FileManager.default.fileExists(atPath: folder) {
            throw .notFound("the working folder \(folder) does not exist")
        }
        guard !name.contains("/") else { return name }
        let path = request.environment["PATH"] ?? Self.standardPath
        var refused: String?
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let candidate = "\(folder)/\(name)"
            if access(candidate, X_OK) == 0, !isFolder(candidate) { return candidate }
            if access(candidate, F_OK) == 0 { refused = candidate }
        }
        if let refused { throw .notPermitted("\(refused) is not executable") }
        throw .notFound("no program \(name) in \(path)")
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
