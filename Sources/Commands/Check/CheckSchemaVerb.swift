import ArgumentParser
import HealthChecks

struct CheckSchemaVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema of check files, for editors and validators.",
        discussion: """
            Example: changeover check schema > health-check.schema.json

            The schema (2020-12) is generated from the model that decodes. It accepts what `check lint` accepts, but for \
            what no schema can say, which `check docs` lists.
            """)
    @OptionGroup var options: GlobalOptions

    func perform(_ output: Output) async throws -> ExitStatus {
        output.raw(CheckFile.schemaText)
        return .done
    }
}
