import ArgumentParser
import Documents
import Engine
import Foundation
import Providers
import Workflow

struct EvidenceVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Writes a swap's evidence as one archive, readable offline.",
        discussion: "Example: changeover evidence swap-7f3k2q --out evidence.tar.gz")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The swap.") var id: String
    @Option(help: "The archive to write.") var out: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let (workspace, swap, _) = try await StatusReader.read(id, options)
        let redactor = SecretScan.redactor(for: swap.plan.checks)
        let collector = EvidenceCollector(
            journal: workspace.journalReader,
            provider: swap.state.isFinal ? nil : try workspace.observer(swap.plan.provider),
            store: workspace.evidence, redact: { redactor.redact($0) })
        for problem in await collector.collect(swap) { output.message("evidence: \(problem)") }
        let archive = URL(fileURLWithPath: out).standardizedFileURL.path
        let result = try await workspace.controller.run(
            Command(["tar", "-czf", archive, "-C", workspace.evidence.root.path, swap.id.rawValue]))
        guard result.exitCode == 0 else {
            throw CommandFailure(
                .unexpected, code: "cannot-write", "the archive cannot be written: \(result.errorOutput.prefix(400))")
        }
        output.line("Evidence of \(swap.id): \(out)")
        output.document(["archive": archive])
        return .done
    }
}
