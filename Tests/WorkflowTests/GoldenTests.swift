import Foundation
import Testing
import Workflow

@Suite("Whole swaps, as they read")
struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    private static let isUpdating = ProcessInfo.processInfo.environment["CHANGEOVER_UPDATE_GOLDEN"] == "1"

    @Test("The transcript is the one that was read and agreed", arguments: Scenario.all)
    func transcript(_ scenario: Scenario) throws {
        let file = Self.folder.appending(path: "\(scenario.name).txt")
        let script = scenario.script
        let text = script.transcript + "\n\(script.swap.explanation)\n"
        if Self.isUpdating {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let golden = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        #expect(text == golden, "\(Self.difference(from: golden, to: text))")
    }

    @Test("Every golden file belongs to a scenario")
    func noStrayFiles() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.sorted() == Scenario.all.map { $0.name + ".txt" }.sorted())
    }

    @Test("A difference names the lines that differ")
    func differenceIsReadable() {
        let text = Self.difference(from: "a\nb\nc", to: "a\nx\nc")
        #expect(text.contains("- b\n") && text.contains("+ x\n") && !text.contains("a\n"))
    }

    /// The lines that differ, and how to take them over.
    private static func difference(from old: String, to new: String) -> String {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        var text = "the transcript differs; CHANGEOVER_UPDATE_GOLDEN=1 takes it over\n"
        for change in after.difference(from: before) {
            switch change {
            case .remove(let line, let element, _): text += "\(line + 1) - \(element)\n"
            case .insert(let line, let element, _): text += "\(line + 1) + \(element)\n"
            }
        }
        return text
    }
}
