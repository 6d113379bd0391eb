import Documents
import Testing
import Workflow

@testable import HealthChecks

@Suite struct ExtendsTests {
    private static let header = WrongFiles.header

    private static func reader(_ files: [String: String]) -> (String) -> [UInt8]? {
        { path in files[path].map { Array((header + $0).utf8) } }
    }

    private static func load(
        _ text: String, path: String = "checks/web.yaml", _ files: [String: String]
    ) throws(DocumentErrors) -> (file: CheckFile, document: CheckDocument) {
        try CheckFile.load(bytes: Array((header + text).utf8), path: path, read: reader(files))
    }

    private static let files = [
        "base.yaml": """
        defaults: {interval: 1s, timeout: 2s}
        checks: [{id: a, tcp: {port: 1}}, {id: b, http: {scheme: https}, tls: {caFile: ca.pem}, assert: [{status: 200}]}]
        """,
        "checks/more.yaml": "extends: ../base.yaml\ndefaults: {timeout: 3s}\nchecks: [{id: c, tcp: {port: 3}}]",
    ]

    @Test func laterFilesWinKeyByKeyAndCheckByCheck() throws {
        let text = "extends: [../base.yaml, more.yaml]\ndefaults: {mode: observe}\nchecks: [{id: a, tcp: {port: 9}}]"
        let loaded = try Self.load(text, Self.files)
        let checks = loaded.file.checks
        #expect(checks.map(\.id) == ["a", "b", "c"])
        #expect(checks.map(\.path) == ["checks/web.yaml", "base.yaml", "checks/more.yaml"])
        #expect(checks.first?.kind == .tcp(TCPCheck(port: 9, send: nil, expect: nil, requests: 1)))
        #expect(checks.allSatisfy { $0.timing.interval == .seconds(1) && $0.timing.timeout == .seconds(3) })
        #expect(checks.allSatisfy { $0.timing.mode == .observe })
        #expect(loaded.file.checkIDs.map(\.id.rawValue) == ["web/a", "web/b", "web/c"])
    }

    @Test func frozenDocumentNeedsNoFiles() throws {
        let loaded = try Self.load("extends: more.yaml", Self.files)
        #expect(loaded.document.extended?.map(\.path) == ["checks/more.yaml", "base.yaml"])
        #expect(try CheckFile.decode(loaded.document) == loaded.file)
        var torn = loaded.document
        torn.extended = nil
        #expect(throws: DocumentErrors.self) { try CheckFile.decode(torn) }
        #expect(try Self.load("checks: [{id: a, tcp: {port: 1}}]", [:]).document.extended == nil)
    }

    @Test(arguments: [
        ("extends: gone.yaml", "checks/web.yaml:4:10 invalid"),
        ("extends: [more.yaml, gone.yaml]", "checks/web.yaml:4:22 invalid"),
        ("extends: web.yaml", "checks/web.yaml:4:10 invalid"),
        ("extends: loop.yaml", "checks/loop.yaml:4:10 invalid"),
        ("extends: wrong.yaml\nchecks: [{id: a, tcp: {prot: 1}}]", "checks/web.yaml:5:23 missing-key"),
        ("extends: wrong.yaml", "checks/wrong.yaml:4:30 out-of-range"),
        ("extends: ../base.yaml\ndefaults: {deadline: 30s}", "base.yaml:5:15 invalid"),
        ("extends: row0.yaml", "checks/row6.yaml:4:10 nesting"),
    ]) func mistakesNameTheirFile(_ example: (text: String, place: String)) throws {
        var files = Self.files
        files["checks/wrong.yaml"] = "checks: [{id: a, tcp: {port: 0}}]"
        files["checks/loop.yaml"] = "extends: web.yaml"
        for number in 0..<9 { files["checks/row\(number).yaml"] = "extends: row\(number + 1).yaml" }
        let errors = CheckFile.lint(
            text: Self.header + example.text, path: "checks/web.yaml", read: Self.reader(files))
        let first = try #require(errors.first)
        #expect("\(first.path):\(first.line):\(first.column) \(first.code.rawValue)" == example.place, "\(errors)")
    }

    @Test func manyFilesThatExtendManyAreRefused() {
        var files: [String: String] = [:]
        let width = 6
        for level in 0..<6 {
            for number in 0..<width {
                let bases = (0..<width).map { "l\(level + 1)n\($0).yaml" }.joined(separator: ", ")
                files["l\(level)n\(number).yaml"] =
                    level == 5 ? "checks: [{id: a, tcp: {port: 1}}]" : "extends: [\(bases)]"
            }
        }
        let errors = CheckFile.lint(
            text: Self.header + "extends: l0n0.yaml", path: "web.yaml", read: Self.reader(files))
        #expect(errors.first?.code == .nesting)
    }
}
