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

    /// Decodes a document; throws every mistake that can be found in one pass.
    public static func decode(_ document: Document) throws(DocumentErrors) -> CheckFile {
        try CheckFileFormat.file.decode(document)
    }

    /// Parses and decodes a check document frozen in a plan.
    public static func decode(_ document: CheckDocument) throws(DocumentErrors) -> CheckFile {
        try decode(DocumentParser.parse(text: document.text, path: document.path))
    }

    /// Every mistake of a check file's text; empty when it is right.
    ///
    /// Needs no network, credentials or other files.
    public static func lint(text: String, path: String) -> [DocumentError] {
        lint(bytes: Array(text.utf8), path: path)
    }

    /// Every mistake of a check file's bytes; empty when it is right.
    ///
    /// Needs no network, credentials or other files.
    public static func lint(bytes: [UInt8], path: String) -> [DocumentError] {
        do throws(DocumentErrors) {
            _ = try decode(DocumentParser.parse(bytes: bytes, path: path))
            return []
        } catch {
            return error.errors
        }
    }

    /// What may be written in a check file, for `explain` and a JSON Schema.
    public static var shape: DocumentShape { CheckFileFormat.file.shape }

    /// The names of the checks in the file's order, each with the phases it takes part in and whether its verdict
    /// counts.
    public var checkIDs: [(id: CheckID, phases: [CheckPhase], isEnforced: Bool)] {
        checks.map { (id(of: $0), $0.timing.phases, $0.timing.mode == .enforce) }
    }

    func id(of check: Check) -> CheckID {
        CheckID("\(name)/\(check.id)")
    }
}
