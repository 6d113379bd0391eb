public import Documents
public import Workflow

/// A check file, decoded: checks with all defaults filled in.
public struct CheckFile: Sendable, Hashable {
    /// The file's path, for messages and for files that it names.
    public let path: String
    /// The name under which its checks are known.
    public let name: String
    /// What the checks are for, in the author's words.
    public let summary: String
    let checks: [Check]

    /// Decodes a document that extends no other file; throws every mistake that can be found in one pass.
    public static func decode(_ document: Document) throws(DocumentErrors) -> CheckFile {
        try assemble(document) { _ in nil }.file
    }

    /// Parses and decodes a check document frozen in a plan, with the files frozen beside it; reads nothing else.
    public static func decode(_ document: CheckDocument) throws(DocumentErrors) -> CheckFile {
        let parsed = try DocumentParser.parse(text: document.text, path: document.path)
        return try assemble(parsed) { path in
            document.extended?.first { $0.path == path }.map { Array($0.text.utf8) }
        }.file
    }

    /// Decodes a check file with the files that it extends, and freezes them all in one document.
    ///
    /// `read` gets a path that counts from where `path` does, and returns `nil` for a file that cannot be read. Throws
    /// every mistake that can be found in one pass, each with the path of the file in which it is.
    public static func load(
        bytes: [UInt8], path: String, read: @escaping (String) -> [UInt8]?
    ) throws(DocumentErrors) -> (file: CheckFile, document: CheckDocument) {
        let (file, bases) = try assemble(DocumentParser.parse(bytes: bytes, path: path), read: read)
        let text = String(decoding: bytes, as: UTF8.self)
        return (file, CheckDocument(path: path, text: text, extended: bases.isEmpty ? nil : bases))
    }

    private static func assemble(
        _ document: Document, read: @escaping (String) -> [UInt8]?
    ) throws(DocumentErrors) -> (file: CheckFile, bases: [CheckDocument]) {
        var assembler = CheckFileAssembler(read: read)
        guard let file = assembler.assemble(document) else { throw DocumentErrors(assembler.errors) }
        return (file, assembler.documents)
    }

    /// Every mistake of a check file's text; empty when it is right.
    ///
    /// Needs no network, credentials or other files than those it extends, which `read` returns as in `load`.
    public static func lint(
        text: String, path: String, read: @escaping (String) -> [UInt8]? = { _ in nil }
    ) -> [DocumentError] {
        lint(bytes: Array(text.utf8), path: path, read: read)
    }

    /// Every mistake of a check file's bytes; empty when it is right.
    ///
    /// Needs no network, credentials or other files than those it extends, which `read` returns as in `load`.
    public static func lint(
        bytes: [UInt8], path: String, read: @escaping (String) -> [UInt8]? = { _ in nil }
    ) -> [DocumentError] {
        do throws(DocumentErrors) {
            _ = try load(bytes: bytes, path: path, read: read)
            return []
        } catch {
            return error.errors
        }
    }

    /// The same file as seen by a check that may come from a file that is extended: relative paths are beside that one.
    func home(of check: Check) -> CheckFile {
        CheckFile(path: check.path, name: name, summary: summary, checks: [])
    }

    /// What may be written in a check file, for `explain` and a JSON Schema.
    public static var shape: DocumentShape { CheckFileFormat.file.shape }

    /// The names of the checks in the file's order, each with the phases it takes part in and whether its verdict
    /// counts.
    public var checkIDs: [(id: CheckID, phases: [CheckPhase], isEnforced: Bool)] {
        checks.map { (id(of: $0), $0.timing.phases, $0.timing.mode == .enforce) }
    }

    /// What the checks are, in the file's order.
    public var checkSummaries: [CheckSummary] {
        checks.map { check in
            CheckSummary(
                id: id(of: check), kind: check.kind.name, phases: check.timing.phases,
                isEnforced: check.timing.mode == .enforce)
        }
    }

    func id(of check: Check) -> CheckID {
        CheckID("\(name)/\(check.id)")
    }
}
