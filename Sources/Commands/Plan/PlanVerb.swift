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
        let workspace = try Workspace.load(options)
        let plans = try await workspace.plans(instances: instances, playbook: playbook)
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
        let isRefused = plans.contains { $0.findings.contains { $0.severity == .obstacle } }
        if isRefused { output.message("changeover: a swap would be refused; see the obstacles above") }
        return isRefused ? .refused : .done
    }
}

extension Workspace {
    /// Why there is nothing to plan.
    static let noInstance = CommandFailure(
        .usage, code: "no-instance",
        "no instance to swap: name one, or let the playbook select running ones by `instances` or `select`")

    /// Computes the plans of instances named, or else selected by the playbook; reads only.
    func plans(instances names: [String], playbook path: String?) async throws -> [Plan] {
        let selection = try loadPlaybook(path).playbook.selection
        let plans = try await plans(
            instances: names.isEmpty ? selection.instances : names, tags: names.isEmpty ? selection.tags : [:],
            playbook: path)
        guard !plans.isEmpty else { throw Self.noInstance }
        return plans
    }

    /// Computes the plans of instances by name, then of running ones by tags; reads only.
    ///
    /// A replacement inherits its original's tags, so tags pass over what a live swap has brought up.
    func plans(instances names: [String], tags: [String: String], playbook path: String?) async throws -> [Plan] {
        let loaded = try loadPlaybook(path)
        let provider = try providerName(loaded.playbook.provider)
        let planner = try planner(provider: provider, routes: loaded.playbook.routes)
        var originals: [Instance] = []
        for name in names { originals.append(try await planner.instance(named: name)) }
        if originals.isEmpty && !tags.isEmpty {
            originals = try await planner.instances(tagged: tags)
                .filter { $0.tags[OwnershipTag.role] != "replacement" }
        }
        var plans: [Plan] = []
        for original in originals {
            plans.append(
                try await planner.plan(
                    for: original, playbook: loaded.playbook, providerName: provider, checks: loaded.checks))
        }
        return plans
    }
}
