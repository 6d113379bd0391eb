import ArgumentParser
import HealthChecks

struct CheckDocsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Writes Markdown: the language's reference, or what check files do.",
        discussion: """
            Example: changeover check docs > health-checks-reference.md
            Example: changeover check docs healthchecks/*.yaml
            """)
    @OptionGroup var options: GlobalOptions
    @Argument(help: "Check files to describe; without any the reference of the language is written.")
    var files: [String] = []

    func perform(_ output: Output) async throws -> ExitStatus {
        guard !files.isEmpty else {
            output.raw(CheckFile.referenceText)
            return .done
        }
        let sections = try files.map { file in
            let bytes = try FileReader.bytes(of: file, what: "the check file")
            return try CheckFile.load(bytes: bytes, path: file, read: FileReader.checkFile).file.markdown()
        }
        output.raw("# Health checks\n\n" + sections.joined(separator: "\n"))
        return .done
    }
}
