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
        var sections: [String] = []
        for file in files { sections.append(try CheckFiles.file(file).markdown()) }
        output.raw("# Health checks\n\n" + sections.joined(separator: "\n"))
        return .done
    }
}
