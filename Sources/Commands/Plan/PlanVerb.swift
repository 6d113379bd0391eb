import ArgumentParser
import Engine
import Workflow

struct PlanVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Computes and prints the plan of a swap; changes nothing.",
        discussion: "Example: changeover plan web-1 --playbook playbooks/web.yaml --out plan.json")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Instances by id or name (default: those that the playbook selects).")
    var instances: [String] = []
    @Option(help: "The playbook (default: playbooks/default.yaml beside the configuration).")
    var playbook: String?
    @Option(help: "Writes the plan to this file, for `swap --plan`; with one instance only.")
    var out: String?

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options, asksPermissions: true)
        let plans = try await workspace.plans(instances: instances, playbook: playbook).map(\.plan)
        if let out {
            guard plans.count == 1 else {
                throw CommandFailure(
                    .usage, code: "usage", "--out takes the plan of one instance, not of \(plans.count)")
            }
            try PlanFile(plans[0]).write(to: out)
        }
        for plan in plans {
            PlanText.lines(plan, hash: plan.digest).forEach { output.line($0) }
            if output.format == .jsonl { output.document(PlanFile(plan)) }
        }
        if output.format == .json { output.document(plans.map(PlanFile.init)) }
        let isRefused = plans.contains { !$0.refusals.isEmpty }
        if isRefused { output.message("changeover: a swap would be refused; see the obstacles above") }
        return isRefused ? .refused : .done
    }
}
