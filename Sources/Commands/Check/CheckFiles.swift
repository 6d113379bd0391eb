import Documents
import Foundation
import HealthChecks
import Workflow

/// Reads check files and their tests.
enum CheckFiles {
    /// The check files as they are frozen in plans; throws every mistake of all of them.
    static func documents(_ paths: [String]) throws -> [CheckDocument] {
        var errors: [DocumentError] = []
        var documents: [CheckDocument] = []
        for path in paths {
            let bytes = try FileReader.bytes(of: path, what: "the check file")
            do throws(DocumentErrors) {
                documents.append(try CheckFile.load(bytes: bytes, path: path, read: FileReader.checkFile).document)
            } catch {
                errors += error.errors
            }
        }
        guard errors.isEmpty else { throw DocumentErrors(errors) }
        return documents
    }

    /// A check file with those that it extends.
    ///
    /// Never inlined: the optimizer of Swift 6.3 crashes on an error of its own type that is thrown within a closure of an
    /// asynchronous function.
    @inline(never)
    static func file(_ path: String) throws -> CheckFile {
        let bytes = try FileReader.bytes(of: path, what: "the check file")
        return try CheckFile.load(bytes: bytes, path: path, read: FileReader.checkFile).file
    }

    /// What the checks of a frozen document are.
    @inline(never)
    static func summaries(_ document: CheckDocument) throws -> [CheckSummary] {
        try CheckFile.decode(document).checkSummaries
    }

    /// The check files for one run, whose results must not have the same names.
    static func documentsOfOneRun(_ paths: [String]) throws -> [CheckDocument] {
        let documents = try documents(paths)
        var owners: [CheckID: String] = [:]
        for document in documents {
            for check in try summaries(document) {
                guard let other = owners.updateValue(document.path, forKey: check.id) else { continue }
                throw CommandFailure(
                    .usage, code: "same-name",
                    "\(other) and \(document.path) both have a check \(check.id): give the files other names under metadata, "
                        + "or run them one by one")
            }
        }
        return documents
    }

    /// The files in folders whose names end so, with the given files, in order; folders are not searched deeper.
    static func paths(_ given: [String], ending suffix: String, butNot other: String? = nil) throws -> [String] {
        try given.flatMap { path -> [String] in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                return [path]
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            let found = names.filter { name in
                name.hasSuffix(suffix) && !(other.map { name.hasSuffix($0) } ?? false)
            }
            guard !found.isEmpty else {
                throw CommandFailure(.usage, code: "no-file", "there is no file *\(suffix) in the folder \(path)")
            }
            return found.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
        }
    }
}
