import ArgumentParser
import Configuration

struct PlaybookSchemaVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema of playbooks, for editors and validators.",
        discussion: "Example: changeover playbook schema > playbook.schema.json")
    @OptionGroup var options: GlobalOptions

    func perform(_ output: Output) async throws -> ExitStatus {
        output.raw(PlaybookFile.schemaText)
        return .done
    }
}
