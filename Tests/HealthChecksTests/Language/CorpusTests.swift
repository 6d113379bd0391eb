import Documents
import Foundation
import Testing

@testable import HealthChecks

/// The corpus: files that are right, files that are wrong, and files whose mistake only lint can see.
@Suite struct CorpusTests {
    struct Judgement: Decodable {
        var file: String
        var accepted: Bool
        var reason: String
    }

    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("../Corpus").standardized

    /// The verdicts of the schema, by a validator that is not ours, on every file.
    static func judgements() throws -> [Judgement] {
        let schema = FileManager.default.temporaryDirectory.appendingPathComponent("schema-\(UUID().uuidString).json")
        try Data(CheckFile.schemaText.utf8).write(to: schema)
        defer { try? FileManager.default.removeItem(at: schema) }
        let oracle = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("../Support/schema_oracle.py").standardized.path
        let ending = try ReaderProcess.run(["python3", "-B", oracle, schema.path, folder.path])
        guard ending.status == 0 else {
            throw ReaderProcess.Failure(
                description:
                    "\(ending.text)\nschema_oracle.py failed: it needs jsonschema and PyYAML: scripts/setup test")
        }
        return try ending.output.split(separator: 10).map { try JSONDecoder().decode(Judgement.self, from: Data($0)) }
    }

    @Test func schemaAndLintAgree() throws {
        let judgements = try Self.judgements()
        var counts: [String: Int] = [:]
        for judgement in judgements {
            let path = Self.folder.appendingPathComponent(judgement.file)
            let bytes = [UInt8](try Data(contentsOf: path))
            let category = String(judgement.file.prefix { $0 != "/" })
            counts[category, default: 0] += 1
            let errors = CheckFile.lint(bytes: bytes, path: judgement.file) { base in
                (try? Data(contentsOf: Self.folder.appendingPathComponent(base))).map { [UInt8]($0) }
            }
            let shouldPass: (lint: Bool, schema: Bool) = (category == "right", category != "wrong")
            #expect(errors.isEmpty == shouldPass.lint, "lint: \(judgement.file) \(errors)")
            #expect(judgement.accepted == shouldPass.schema, "schema: \(judgement.file) \(judgement.reason)")
            if category == "lint-only" {
                #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("# lint-only: "), "\(judgement.file)")
            }
        }
        let words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print("Corpus: \(judgements.count) files (\(words)); lint and schema agree on all but the lint-only ones")
        #expect(counts["right", default: 0] >= 100 && counts["wrong", default: 0] >= 100)
        #expect(Set(counts.keys) == ["right", "wrong", "lint-only"])
        #expect(counts["lint-only", default: 0] * 10 <= judgements.count)
    }

    /// Every key of the language occurs in a right file and in a wrong one.
    @Test func corpusCoversEveryKey() throws {
        for category in ["right", "wrong"] {
            let folder = Self.folder.appendingPathComponent(category)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            var seen: Set<String> = []
            for name in names {
                let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
                guard let document = try? DocumentParser.parse(bytes: bytes, path: name) else { continue }
                collect(document.root, CheckFile.shape, into: &seen)
            }
            var all: Set<String> = []
            keys(of: CheckFile.shape, into: &all)
            #expect(all.subtracting(seen).sorted() == [], "\(category)")
        }
    }

    private func keys(of shape: DocumentShape, into keys: inout Set<String>) {
        switch shape {
        case .object(let object):
            for key in object.keys {
                if case .unavailable = key.shape { continue }
                guard keys.insert("\(object.name).\(key.name)").inserted else { continue }
                self.keys(of: key.shape, into: &keys)
            }
        case .list(let element, _, _), .dictionary(let element, _): self.keys(of: element, into: &keys)
        case .alternatives(let shapes): shapes.forEach { self.keys(of: $0, into: &keys) }
        default: break
        }
    }

    private func collect(_ node: DocumentNode, _ shape: DocumentShape, into seen: inout Set<String>) {
        switch (node.content, shape) {
        case (.mapping(let entries), .object(let object)):
            for entry in entries {
                guard let key = object.keys.first(where: { $0.name == entry.key }) else { continue }
                seen.insert("\(object.name).\(key.name)")
                collect(entry.value, key.shape, into: &seen)
            }
        case (.sequence(let nodes), .list(let element, _, _)): nodes.forEach { collect($0, element, into: &seen) }
        case (_, .alternatives(let shapes)): shapes.forEach { collect(node, $0, into: &seen) }
        default: break
        }
    }
}
