import Documents
import Foundation
import Testing
import Workflow

@testable import HealthChecks

@Suite struct ShippedFilesTests {
    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("../../healthchecks").standardized

    @Test func allAreRight() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".yaml") && !$0.hasSuffix(".test.yaml") }
        #expect(names.contains("local-demo-web.yaml") && names.contains("fully-patched.yaml"))
        for name in names {
            let bytes = try Data(contentsOf: Self.folder.appendingPathComponent(name))
            #expect(CheckFile.lint(bytes: [UInt8](bytes), path: name).map(\.description) == [])
        }
    }

    @Test func fullyPatchedDecidesOnTheReplacementOnly() throws {
        let path = Self.folder.appendingPathComponent("fully-patched.yaml").path
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let file = try CheckFile.decode(CheckDocument(path: path, text: text))
        #expect(file.checks.filter { $0.timing.mode == .enforce }.map(\.timing.phases) == [[.verify]])
    }
}
