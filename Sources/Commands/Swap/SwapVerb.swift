import ArgumentParser
import Engine
import Foundation
import Journal
import Workflow

struct SwapVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "swap",
        abstract: "Swaps instances: boots a patched replacement, proves it healthy, moves traffic, holds the original.",
        discussion: """
            Example: changeover swap web-1 --playbook playbooks/web.yaml

            Without a terminal it never asks: it stops at the checkpoint before promote with exit code 5 and says how to \
            approve; --yes passes that checkpoint, --wait waits there for an approval from elsewhere. Named again after \
            an interruption, the instance's swap goes on where it was.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Instances by id or name (default: those that the playbook selects).")
    var instances: [String] = []
    @Option(help: "The playbook (default: playbooks/default.yaml beside the configuration).")
    var playbook: String?
    @Option(help: "A plan of `plan --out`; refused when the live state has drifted from it.")
    var plan: String?
    @Flag(help: "Passes the checkpoint before promote when all checks passed without warnings.")
    var yes = false
    @Flag(help: "Waits at the checkpoint for an approval from another process; never asks.")
    var wait = false
    @Flag(help: "Leaves a process of its own behind that drives the swap, and returns at once.")
    var detach = false
    @Flag(help: "Prints the plan and changes nothing.")
    var dryRun = false
    @Option(help: "How many instances are swapped at a time (1 to 100); with more than one it never asks.")
    var maxInFlight = 1

    func validate() throws {
        guard (1...100).contains(maxInFlight) else { throw ValidationError("--max-in-flight is from 1 to 100") }
        guard maxInFlight == 1 || !detach else {
            throw ValidationError("--detach leaves one process a swap behind; leave --max-in-flight out")
        }
    }

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options, asksPermissions: dryRun)
        if let update = inPlaceRun(workspace, output) { return try await update.perform() }
        if plan != nil && (!instances.isEmpty || playbook != nil) {
            throw CommandFailure(
                .usage, code: "usage", "--plan says which instance and how; leave instances and --playbook out")
        }
        let swaps: [PlannedSwap]
        switch try await outset(workspace, output) {
        case .end(let status): return status
        case .start(let fresh): swaps = fresh
        }
        for plan in swaps.map(\.plan) {
            PlanText.lines(plan, hash: plan.digest).forEach { output.line($0) }
            output.line()
            if dryRun { output.document(PlanFile(plan)) }
        }
        if dryRun { return swaps.allSatisfy(\.plan.refusals.isEmpty) ? .done : .refused }
        let admission = SwapAdmission(workspace: workspace)
        // Before the store is opened, which would make one: what is refused leaves nothing behind.
        for swap in swaps { try await RequestTally.$swap.withValue(swap.id) { try await admission.admit(swap.plan) } }
        let runner = try await SwapRunner(workspace, output)
        guard maxInFlight > 1 else { return try await drive(swaps, runner) }
        return try await SwapGroup(runner: runner, options: driveOptions, maxInFlight: maxInFlight).run(swaps)
    }

    /// The update that is meant where the playbook's strategy is to update in place.
    ///
    /// A playbook that cannot be read is none of its business: an interrupted swap goes on without one.
    private func inPlaceRun(_ workspace: Workspace, _ output: Output) -> UpdateRun? {
        guard plan == nil, let loaded = try? workspace.loadPlaybook(playbook), loaded.playbook.strategy == .inPlace
        else { return nil }
        let selection = loaded.playbook.selection
        let target =
            instances.isEmpty
            ? InstanceTarget(names: selection.instances, tags: selection.tags) : InstanceTarget(names: instances)
        return UpdateRun(
            workspace: workspace, output: output, loaded: loaded, target: target,
            choices: UpdateRun.Choices(
                agrees: yes, waits: wait, detaches: detach, isDryRun: dryRun, maxInFlight: maxInFlight))
    }

    /// Drives swaps one after the other, at a terminal with questions.
    private func drive(_ swaps: [PlannedSwap], _ runner: SwapRunner) async throws -> ExitStatus {
        let output = runner.output
        var documents: [SwapDocument] = []
        defer { if swaps.count > 1 && output.format == .json { output.document(documents) } }
        for swap in swaps {
            let (status, document) = try await runner.begin(
                swap, options: driveOptions, asks: asks(output), detach: detach)
            if let document {
                documents.append(document)
                if swaps.count == 1 || output.format != .json { output.document(document) }
            }
            if status != .done { return status }
        }
        return .done
    }

    /// What is to be done once interrupted swaps were finished.
    private enum Outset {
        /// Nothing more.
        case end(ExitStatus)
        /// New swaps.
        case start([PlannedSwap])
    }

    private func outset(_ workspace: Workspace, _ output: Output) async throws -> Outset {
        if let plan { return .start([PlannedSwap(id: .random(), plan: try PlanFile.read(plan))]) }
        let selection = try instances.isEmpty ? workspace.loadPlaybook(playbook).playbook.selection : nil
        var left = selection?.instances ?? instances
        let resumed = dryRun ? nil : try await goOn(&left, selection, workspace, output)
        if let resumed, resumed != .done { return .end(resumed) }
        let tags = selection?.tags ?? [:]
        if resumed == .done, left.isEmpty, tags.isEmpty { return .end(.done) }
        let plans = try await workspace.plans(instances: left, tags: tags, playbook: playbook)
        if plans.isEmpty, resumed == nil { throw Workspace.noInstance }
        return plans.isEmpty ? .end(.done) : .start(plans)
    }

    /// Goes on with interrupted swaps of the instances meant, and takes those out of `left`; `nil` when there is none.
    ///
    /// A live swap that somebody drives is in the way and refused; so is one that holds its original, unless it is one
    /// of several, which were swapped before this command was given again.
    private func goOn(
        _ left: inout [String], _ selection: Playbook.Selection?, _ workspace: Workspace, _ output: Output
    ) async throws -> ExitStatus? {
        let target = InstanceTarget(names: selection?.instances ?? instances, tags: selection?.tags ?? [:])
        let isOneOfSeveral = selection != nil || instances.count > 1
        var result: ExitStatus?
        for live in try await workspace.liveSwaps(of: target) {
            let (row, original) = (live.row, live.original)
            if row.driver != nil { throw live.busy() }
            if row.summary.state == "holding" {
                guard isOneOfSeveral else { throw live.busy() }
                output.line("\(original.name) is swapped already: \(row.id) holds it.")
                result = .done
            } else {
                output.line("Going on with \(row.id), which was left in \(row.summary.state).")
                let runner = try await SwapRunner(workspace, output)
                result = try await runner.resume(row.id, options: driveOptions, asks: asks(output))
            }
            left.removeAll { $0 == original.id.rawValue || $0 == original.name }
            if result != .done { return result }
        }
        return result
    }

    private var driveOptions: DriveOptions {
        DriveOptions(approvesPolicyCheckpoints: yes, waitsAtCheckpoints: wait, waitsForHold: false)
    }

    private func asks(_ output: Output) -> Bool {
        !yes && !wait && output.isLive && isatty(STDIN_FILENO) == 1
    }
}
