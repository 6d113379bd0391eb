import ArgumentParser
import Documents
import HealthChecks
import Patching
import Workflow

struct CheckNewVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Proposes a check file, from what listens and runs on an instance.",
        discussion: """
            Examples: changeover check new > healthchecks/web.yaml
                      changeover check new --from-instance web-1 --into healthchecks/web.yaml
            A file that exists is never overwritten.
            """)
    @OptionGroup var options: GlobalOptions
    @Option(help: "The instance to look at, by its id or name; without one the file is one to start from.")
    var fromInstance: String?
    @Option(help: "The instance's provider (default: the configuration's default).") var provider: String?
    @Option(help: "The file to write (default: standard output).") var into: String?

    /// How long the instance may take to say what it has.
    private static let timeout: Span = .seconds(60)

    /// What was proposed, as scripts read it.
    private struct Proposed: Encodable {
        var name: String
        var checks: [String]
        var file: String?
        var text: String?
    }

    func validate() throws {
        if provider != nil, fromInstance == nil { throw ValidationError("--provider is of use with --from-instance") }
    }

    func perform(_ output: Output) async throws -> ExitStatus {
        if let into { try NewFile.require(into) }
        let proposal = try await proposal()
        let problems = CheckFile.lint(text: proposal.text, path: into ?? "proposal")
        guard problems.isEmpty else {
            let words = problems.map(\.description).joined(separator: "\n")
            throw CommandFailure(.unexpected, code: "wrong-proposal", "the proposal itself is wrong:\n\(words)")
        }
        if let into {
            try NewFile.write(proposal.text, to: into, force: false)
            output.line("written  \(into), with \(proposal.checkIDs.joined(separator: ", "))")
            output.line("Next: go through it, then `changeover check explain \(into)`.")
        } else if output.format == .text {
            output.raw(proposal.text)
        }
        output.document(
            Proposed(
                name: proposal.name, checks: proposal.checkIDs, file: into, text: into == nil ? proposal.text : nil))
        return .done
    }

    private func proposal() async throws -> CheckProposal {
        guard let fromInstance else { return .starter }
        let workspace = try Workspace.load(options)
        let name = try workspace.providerName(provider.map { ProviderName($0) })
        let observer = try workspace.observer(name)
        let instances = try await observer.instances().filter { $0.state != .terminated }
        let matches = instances.filter { $0.id.rawValue == fromInstance || $0.name == fromInstance }
        guard let instance = matches.first, matches.count == 1 else {
            let problem = matches.isEmpty ? "no instance" : "\(matches.count) instances"
            throw CommandFailure(
                .usage, code: "unknown-instance",
                "the provider \(name) has \(problem) with the id or name \"\(fromInstance)\"; "
                    + "`changeover instances --quick` lists them")
        }
        guard instance.state == .running else {
            throw CommandFailure(
                .refused, code: "not-running",
                "\(fromInstance) is \(instance.state.rawValue), so nothing listens or runs there to propose checks of")
        }
        do throws(PatchInspectionError) {
            let facts = try await workspace.inspector.facts(
                via: observer.commandRunner(for: instance), address: instance.address, timeout: Self.timeout)
            return CheckProposal(machine: instance.name, facts: facts)
        } catch {
            throw CommandFailure(
                .refused, code: error.code.rawValue,
                "\(fromInstance) does not say what it has: \(error.description); `changeover check new` alone writes a "
                    + "file to start from")
        }
    }
}
