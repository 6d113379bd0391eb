import Documents
import Foundation
import Testing
import Workflow

@testable import HealthChecks

/// The files that are shipped to copy from are explained: each has a page, which knows every reason that its tests expect.
@Suite struct ShippedLibraryTests {
    private static let root = ShippedFilesTests.folder.deletingLastPathComponent()

    /// The library; the other files are parts of demos and playbooks.
    static let library = [
        "dns-resolver", "fully-patched-debian", "fully-patched-rhel", "http", "https", "machine", "no-regression",
        "postgresql", "redis", "smtp", "systemd-clean", "tcp-service",
    ]

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
    }

    @Test(arguments: library)
    func fileAndPageAndGuideLeadToEachOther(name: String) throws {
        let page = try Self.text("docs/health-checks/\(name).md")
        #expect(page.hasPrefix("# \(name): ") && page.contains("| reason |"))
        #expect(page.contains("(../../healthchecks/\(name).yaml)"))
        #expect(page.contains("(../../healthchecks/\(name).test.yaml)"))
        #expect(try Self.text("healthchecks/\(name).yaml").contains("docs/health-checks/\(name).md"))
        #expect(try Self.text("docs/health-checks.md").contains("(health-checks/\(name).md)"))
    }

    @Test(arguments: library)
    func thePageExplainsEveryReasonOfTheTests(name: String) throws {
        let page = try Self.text("docs/health-checks/\(name).md")
        let reasons = try Self.text("healthchecks/\(name).test.yaml").matches(of: /reason: "?([A-Za-z0-9:-]+)/)
        #expect(!reasons.isEmpty)
        for reason in Set(reasons.map { String($0.1) }) { #expect(page.contains("`\(reason)`"), "\(reason)") }
    }

    /// The whole files among the guide's examples.
    @Test func theGuidesFilesAreRight() throws {
        let blocks = try Self.text("docs/health-checks.md").components(separatedBy: "```")
        let files = blocks.filter { $0.hasPrefix("yaml\napiVersion") && $0.contains("kind: HealthCheck\n") }
        // What a file extends is not part of the guide.
        let whole = files.map { String($0.dropFirst("yaml\n".count)) }.filter { !$0.contains("\nextends:") }
        #expect(!whole.isEmpty)
        for file in whole { #expect(CheckFile.lint(text: file, path: "guide").map(\.description) == []) }
    }

    /// The guide's test file fits the guide's check file.
    @Test func theGuidesTestsPass() async throws {
        let blocks = try Self.text("docs/health-checks.md").components(separatedBy: "```yaml\n")
            .compactMap { $0.components(separatedBy: "```").first }
        let check = try #require(blocks.first { $0.contains("kind: HealthCheck\n") })
        let tests = try #require(blocks.first { $0.contains("kind: HealthCheckTest\n") })
        let document = CheckDocument(path: "web.yaml", text: check)
        let file = try CheckTestFile.decode(
            bytes: Array(tests.utf8), path: "web.test.yaml", for: try CheckFile.decode(document))
        let outcomes = try await file.run(document)
        #expect(outcomes.count == 2)
        for outcome in outcomes { #expect(outcome.problems == [], "\(outcome.name)") }
    }
}
