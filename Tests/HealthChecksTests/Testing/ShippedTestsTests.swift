import Foundation
import Testing
import Workflow

@testable import HealthChecks

/// The checks that the project ships: each with tests that pass, and a page that says what it proves.
@Suite("Tests of the shipped check files", .timeLimit(.minutes(5))) struct ShippedTestsTests {
    static let names =
        ((try? FileManager.default.contentsOfDirectory(atPath: ShippedFilesTests.folder.path)) ?? [])
        .filter { $0.hasSuffix(".yaml") && !$0.hasSuffix(".test.yaml") }.sorted()

    @Test("There are checks")
    func exist() {
        let required = [
            "dns-resolver", "fully-patched-debian", "fully-patched-rhel", "http", "https", "machine", "no-regression",
            "postgresql", "redis", "smtp", "systemd-clean", "tcp-service",
        ]
        #expect(required.filter { !Self.names.contains($0 + ".yaml") } == [])
    }

    @Test("Every case of every test passes", arguments: names)
    func pass(_ name: String) async throws {
        let path = ShippedFilesTests.folder.appendingPathComponent(name).path
        let testPath = path.replacing(".yaml", with: ".test.yaml")
        let document = CheckDocument(
            path: path, text: String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self))
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: testPath)))
        let test = try CheckTestFile.decode(bytes: bytes, path: testPath, for: CheckFile.decode(document))
        let outcomes = try await test.run(document)
        for outcome in outcomes { #expect(outcome.problems == [], "\(name): \(outcome.name)") }
        let verdicts = Set(outcomes.map(\.assessment.verdict))
        #expect(verdicts.contains(.pass) || verdicts.contains(.warning), "nothing passes in the tests of \(name)")
        #expect(!verdicts.isDisjoint(with: [.fail, .inconclusive]), "nothing goes wrong in the tests of \(name)")
    }

    @Test("Every check to copy from has a page", arguments: names.filter { !$0.hasPrefix("local-demo") })
    func page(_ name: String) throws {
        let documentation = ShippedFilesTests.folder.appendingPathComponent("../docs/health-checks").standardized
        let own = documentation.appendingPathComponent(name.replacing(".yaml", with: ".md")).path
        let isOfAPlaybook = ["ec2-web.yaml", "lxd-web.yaml", "fully-patched.yaml"].contains(name)
        #expect(isOfAPlaybook || FileManager.default.fileExists(atPath: own))
    }
}
