import Testing

@Suite("Every rule fails on what it forbids, and on nothing else")
struct PlantedTests {
    private func file(_ target: String, _ text: String) -> SourceFile {
        SourceFile(path: "Sources/\(target)/Planted.swift", text: text)
    }

    @Test(
        "Imports against the arrows are found",
        arguments: [
            ("Workflow", "import Engine"), ("Workflow", "import Glibc"), ("Workflow", "public import Dispatch"),
            ("Engine", "import Providers"), ("Engine", "@testable import Journal"), ("Journal", "import Engine"),
            ("HealthChecks", "import CCurl"), ("Commands", "import CCurl"), ("Providers", "internal import Traffic"),
            ("Engine", "import FoundationNetworking"), ("Traffic", "import struct Engine.EngineError"),
            ("Documents", "@_spi(X) private import GRDB"), ("changeover", "import Engine"),
            ("Nowhere", "import Workflow"),
        ])
    func imports(_ target: String, _ text: String) {
        #expect(ImportRule.problems(in: file(target, "// one\n" + text)).count == 1)
    }

    @Test(
        "Imports along the arrows, and words that are no imports, are not",
        arguments: [
            ("Workflow", "import Foundation"), ("Engine", "public import Workflow"), ("CurlTransport", "import CCurl"),
            ("Documents", "import class Foundation.FileManager"), ("Configuration", "import Documents"),
            ("Commands", "import Engine"), ("Workflow", "// import Engine"),
            ("Workflow", "let text = \"import Engine\""),
            ("Workflow", "/* \nimport Engine\n */"), ("Workflow", "let text = \"\"\"\n  import Engine\n  \"\"\""),
        ])
    func allowedImports(_ target: String, _ text: String) {
        #expect(ImportRule.problems(in: file(target, text)).isEmpty)
    }

    @Test("Only CurlTransport imports CCurl")
    func curl() {
        #expect(ImportRule.own.filter { $0.value.contains("CCurl") }.keys.sorted() == ["CurlTransport"])
    }

    @Test("An unknown folder is found")
    func folder() {
        #expect(ImportRule.unknownFolders(["Engine", "Helpers"]).count == 1)
    }

    private func problems(_ path: String, _ text: String) -> [String] {
        CallRule.all.flatMap { $0.problems(in: SourceFile(path: path, text: text)) }
    }

    @Test(
        "Banned calls are found",
        arguments: [
            "let now = Date()", "try await Task.sleep(for: .seconds(1))", "print(\"x\")", "let x = try! f()",
            "fatalError(\"x\")", "let text = \"\\(Date())\"", "let a = \"//\"; print(a)", "/* x */ print(1)",
            "let a = #\"\"\"#; print(a)",
        ])
    func calls(_ text: String) {
        #expect(problems("Sources/Engine/Planted.swift", text).count == 1)
    }

    @Test(
        "What only looks like a banned call is not",
        arguments: [
            "// print(x)", "fingerprint(x)", "let x = \"print(\"", "let day = Date(timeIntervalSince1970: 0)",
            "/// Never use `try!`.", "canvas.print(x)", "let a = \"\\\"\"; let b = \"print(\"",
        ])
    func harmless(_ text: String) {
        #expect(problems("Sources/Engine/Planted.swift", text).isEmpty)
    }

    @Test("Exceptions hold for their own place only")
    func exceptions() {
        #expect(problems("Sources/Engine/Time/SystemClock.swift", "try await Task.sleep(for: x)").isEmpty)
        #expect(problems("Sources/Commands/Output.swift", "print(x)").isEmpty)
        #expect(problems("Sources/Commands/Output.swift", "try await Task.sleep(for: x)").count == 1)
    }

    @Test("A file of 501 lines is found, one of 500 is not")
    func fileLength() {
        let lines = Array(repeating: "let x = 1\n", count: 501)
        #expect(LengthRule.fileProblems(in: file("Engine", lines.joined())).count == 1)
        #expect(LengthRule.fileProblems(in: file("Engine", lines.dropLast().joined())).isEmpty)
    }

    private func function(_ head: String, lines: Int) -> String {
        head + " {\n" + String(repeating: "    work { 1 }\n", count: lines - 2) + "}\n"
    }

    @Test(
        "A function of 71 lines is found, one of 70 is not",
        arguments: [
            "func f()", "public static func f(\n) -> (Int, Int)", "init?(a: Int = { 1 }())", "    deinit",
            "mutating func f() throws(E)",
        ])
    func functionLength(_ head: String) {
        let extra = head.count { $0 == "\n" }
        let long = "protocol P {\n  func g()\n  func h() -> Int\n}\n" + function(head, lines: 71 - extra)
        #expect(LengthRule.functionProblems(in: file("Engine", long)).count == 1)
        #expect(LengthRule.functionProblems(in: file("Engine", function(head, lines: 70 - extra))).isEmpty)
    }

    @Test("A long list of requirements is no function")
    func requirements() {
        let text = "protocol P {\n" + String(repeating: "    func f()\n", count: 100) + "}\n"
        #expect(LengthRule.functionProblems(in: file("Engine", text)).isEmpty)
    }

    @Test(
        "Names that say nothing are found",
        arguments: [
            "enum StringUtils {}", "extension Utils {}", "final class FileUtil {}",
        ])
    func names(_ text: String) {
        #expect(LengthRule.nameProblems(in: file("Engine", text)).count == 1)
    }

    @Test("A path that says nothing is found, a name that says something is not")
    func paths() {
        #expect(LengthRule.nameProblems(in: SourceFile(path: "Sources/Engine/Utils/A.swift", text: "")).count == 1)
        #expect(LengthRule.nameProblems(in: file("Engine", "struct Utilization {}")).isEmpty)
    }
}
