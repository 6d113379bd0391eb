public import Documents
internal import Workflow

/// A file of tests for a check file: answers of the outside world, and what must come of them.
public struct CheckTestFile: Sendable, Hashable {
    /// The test file's path.
    public let path: String
    /// The path of the check file under test.
    public let checkPath: String
    let cases: [CheckTestCase]

    /// Where the check file is that a test file is for; throws when the test file is no test file at all.
    public static func checkPath(of bytes: [UInt8], path: String) throws(DocumentErrors) -> String {
        let document = try DocumentParser.parse(bytes: bytes, path: path)
        guard case .mapping(let entries) = document.root.content,
            let entry = entries.first(where: { $0.key == "check" }), case .scalar(let scalar) = entry.value.content
        else { return defaultCheckPath(of: path) }
        return beside(path, scalar.text)
    }

    /// Decodes a test file for a check file; throws every mistake that can be found in one pass.
    public static func decode(
        bytes: [UInt8], path: String, for check: CheckFile
    ) throws(DocumentErrors) -> CheckTestFile {
        let document = try DocumentParser.parse(bytes: bytes, path: path)
        let cases = try CheckTestFormat.file(for: check).decode(document)
        return CheckTestFile(path: path, checkPath: check.path, cases: cases)
    }

    private static func defaultCheckPath(of path: String) -> String {
        path.hasSuffix(".test.yaml") ? String(path.dropLast(".test.yaml".count)) + ".yaml" : path
    }

    private static func beside(_ path: String, _ name: String) -> String {
        if name.hasPrefix("/") { return name }
        guard let slash = path.lastIndex(of: "/") else { return name }
        return String(path[...slash]) + name
    }
}
