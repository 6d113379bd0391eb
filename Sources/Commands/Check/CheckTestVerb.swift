import ArgumentParser
import Documents
import HealthChecks
import Workflow

struct CheckTestVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Runs the tests of check files: given answers in, expected verdicts out.",
        discussion: """
            Takes no time and asks nothing of the network. Exit codes: 0 every case passed, 1 one did not, \
            64 an invalid file.
            Example: changeover check test healthchecks
            """)
    @OptionGroup var options: GlobalOptions
    @Argument(help: "Files *.test.yaml, or folders with such files.") var paths: [String] = ["healthchecks"]

    func perform(_ output: Output) async throws -> ExitStatus {
        let files = try CheckFiles.paths(paths, ending: ".test.yaml")
        var errors: [DocumentError] = []
        var outcomes: [CheckTestOutcome] = []
        for path in files {
            do {
                let (test, document) = try load(path)
                for outcome in try await test.run(document) {
                    show(outcome, output)
                    outcomes.append(outcome)
                }
            } catch let error as DocumentErrors {
                errors += error.errors
            }
        }
        guard errors.isEmpty else { throw DocumentErrors(errors) }
        let failures = outcomes.filter { !$0.problems.isEmpty }.count
        output.line("\(outcomes.count) cases in \(files.count) files, \(failures) failed.")
        output.document(outcomes)
        return failures == 0 ? .done : .unexpected
    }

    private func load(_ path: String) throws -> (CheckTestFile, CheckDocument) {
        let bytes = try FileReader.bytes(of: path, what: "the test file")
        let checkPath = try CheckTestFile.checkPath(of: bytes, path: path)
        guard let document = try CheckFiles.documents([checkPath]).first else {
            throw CommandFailure(.usage, code: "no-file", "\(path) names no check file")
        }
        let check = try CheckFile.decode(document)
        return (try CheckTestFile.decode(bytes: bytes, path: path, for: check), document)
    }

    private func show(_ outcome: CheckTestOutcome, _ output: Output) {
        let mark = outcome.problems.isEmpty ? output.coloured("ok  ", .green) : output.coloured("FAIL", .red)
        output.line("\(mark) \(outcome.file): \(outcome.name)")
        outcome.problems.forEach { output.line("     \($0)") }
    }
}

struct CheckListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the checks of files or folders.",
        discussion: "Example: changeover check list healthchecks")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "Check files, or folders with check files.") var paths: [String] = ["healthchecks"]

    private struct Row: Codable {
        var file: String
        var check: String
        var kind: String
        var phases: [String]
        var isEnforced: Bool
        var hasTests: Bool
    }

    func perform(_ output: Output) async throws -> ExitStatus {
        let files = try CheckFiles.paths(paths, ending: ".yaml", butNot: ".test.yaml")
        var rows: [Row] = []
        for document in try CheckFiles.documents(files) {
            let tests = document.path.replacing(/\.yaml$/, with: ".test.yaml")
            let hasTests = FileReader.exists(tests)
            rows += try CheckFiles.summaries(document).map { summary in
                Row(
                    file: document.path, check: summary.id.rawValue, kind: summary.kind,
                    phases: summary.phases.map(\.rawValue), isEnforced: summary.isEnforced, hasTests: hasTests)
            }
        }
        output.document(rows)
        guard output.format == .text else { return .done }
        let cells = rows.map { row in
            [
                row.check, row.kind, row.phases.joined(separator: ","), row.isEnforced ? "enforce" : "observe",
                row.hasTests ? "yes" : "no", row.file,
            ]
        }
        Table.lines(header: ["check", "kind", "phases", "mode", "tests", "file"], rows: cells).forEach {
            output.line($0)
        }
        return .done
    }
}
