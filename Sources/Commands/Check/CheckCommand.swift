import ArgumentParser
import Documents
import HealthChecks
import Workflow

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Health-check authoring.",
        subcommands: [
            CheckNewVerb.self, CheckLintVerb.self, CheckListVerb.self, CheckExplainVerb.self, CheckRunVerb.self,
            CheckRecordVerb.self, CheckReplayVerb.self, CheckTestVerb.self, CheckSchemaVerb.self, CheckDocsVerb.self,
        ])
}

struct CheckLintVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Finds every mistake of check files, offline.",
        discussion: "Example: changeover check lint healthchecks/*.yaml")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The check files.") var files: [String]

    func perform(_ output: Output) async throws -> ExitStatus {
        let texts = try files.map { try FileReader.bytes(of: $0, what: "the check file") }
        let errors = await withTaskGroup(of: (Int, [DocumentError]).self) { group in
            for (index, (file, bytes)) in zip(files, texts).enumerated() {
                group.addTask { (index, CheckFile.lint(bytes: bytes, path: file, read: FileReader.checkFile)) }
            }
            var found = [[DocumentError]](repeating: [], count: files.count)
            for await (index, errors) in group { found[index] = errors }
            return found.flatMap(\.self)
        }
        guard errors.isEmpty else { throw DocumentErrors(errors) }
        output.line(files.count == 1 ? "1 file is right." : "\(files.count) files are right.")
        output.document(["files": files])
        return .done
    }
}

struct CheckExplainVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Says in words what check files will do and how long they may take.",
        discussion: "Example: changeover check explain healthchecks/local-demo-web.yaml")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The check files.") var files: [String]

    func perform(_ output: Output) async throws -> ExitStatus {
        var words: [String] = []
        for file in files {
            let check = try CheckFiles.file(file)
            words += check.describe() + [check.durationInWords]
        }
        words.forEach { output.line($0) }
        output.document(words)
        return .done
    }
}

struct PlaybookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playbook", abstract: "Playbook authoring.",
        subcommands: [PlaybookLintVerb.self, PlaybookShowVerb.self, PlaybookSchemaVerb.self])
}

struct PlaybookLintVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Finds every mistake of a playbook and the check files it names.",
        discussion: "Example: changeover playbook lint playbooks/web.yaml")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The playbook.") var file: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let loaded = try Workspace.load(options).loadPlaybook(file)
        output.line("\(file) is right; it uses \(loaded.checks.count) check files.")
        output.document(["playbook": loaded.playbook.name])
        return .done
    }
}

struct PlaybookShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Prints the effective playbook with every default filled in, as JSON.",
        discussion: "Example: changeover playbook show playbooks/web.yaml --output json")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The playbook.") var file: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let loaded = try Workspace.load(options).loadPlaybook(file)
        Output(output.format == .text ? .json : output.format).document(loaded.playbook)
        return .done
    }
}
