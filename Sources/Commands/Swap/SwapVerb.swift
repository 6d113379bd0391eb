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
        if dryRun { return swaps.contains(where: \.plan.hasObstacle) ? .refused : .done }
        // Before the store is opened, which would make one: what is refused leaves nothing behind.
        for swap in swaps { try await RequestTally.$swap.withValue(swap.id) { try await admit(swap.plan, workspace) } }
        let runner = try await SwapRunner(workspace, output)
        guard maxInFlight > 1 else { return try await drive(swaps, runner) }
        return try await SwapGroup(runner: runner, options: driveOptions, maxInFlight: maxInFlight).run(swaps)
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
        let live = try await workspace.reading { reader in
            var live: [(row: SwapRow, original: Instance)] = []
            for row in try await reader.swaps(liveOnly: true) {
                live.append((row, try await workspace.swap(row.id, in: reader).plan.original))
            }
            return live
        }
        let isOneOfSeveral = selection != nil || instances.count > 1
        var result: ExitStatus?
        for (row, original) in live where isMeant(original, by: selection) {
            if let driver = row.driver { throw Self.busy(row, original, driver: driver) }
            if row.summary.state == "holding" {
                guard isOneOfSeveral else { throw Self.busy(row, original, driver: nil) }
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

    private static func busy(_ row: SwapRow, _ original: Instance, driver: LeaseHolder?) -> CommandFailure {
        if let driver {
            return CommandFailure(
                .refused, code: "instanceBusy",
                "\(row.id) swaps \(original.name) (\(original.id)) already; \(driver) drives it. "
                    + "`changeover watch \(row.id)` shows it")
        }
        return CommandFailure(
            .refused, code: "instanceBusy",
            "\(row.id) has swapped \(original.name) (\(original.id)) and holds it; "
                + "`changeover undo \(row.id)` brings it back, `changeover retire \(row.id)` ends the hold")
    }

    /// Whether an original is named, or else selected by the playbook.
    private func isMeant(_ original: Instance, by selection: Playbook.Selection?) -> Bool {
        let names = selection?.instances ?? instances
        if names.contains(original.id.rawValue) || names.contains(original.name) { return true }
        guard let tags = selection?.tags, !tags.isEmpty else { return false }
        return tags.allSatisfy { original.tags[$0.key] == $0.value }
    }

    private var driveOptions: DriveOptions {
        DriveOptions(approvesPolicyCheckpoints: yes, waitsAtCheckpoints: wait, waitsForHold: false)
    }

    private func asks(_ output: Output) -> Bool {
        !yes && !wait && output.isLive && isatty(STDIN_FILENO) == 1
    }

    /// Refuses a plan that does not fit any more, that has an obstacle, or whose instance another swap has brought up.
    private func admit(_ plan: Plan, _ workspace: Workspace) async throws {
        let observers = try workspace.observers(for: plan.routes, provider: plan.provider)
        let drift = try await DriftDetector(provider: workspace.observer(plan.provider), routers: observers).drift(
            of: plan)
        guard drift.isEmpty else {
            throw CommandFailure(
                .refused, code: "drift",
                "the plan no longer fits, so nothing was changed:\n"
                    + drift.map { "  \($0)" }.joined(separator: "\n") + "\nmake a new one with `changeover plan`")
        }
        let obstacles = plan.findings.filter { $0.severity == .obstacle }
        guard obstacles.isEmpty else {
            throw CommandFailure(
                .refused, code: "obstacle",
                "the swap is refused, and nothing was changed:\n"
                    + obstacles.map { "  \($0.message)" }.joined(separator: "\n"))
        }
        try await refuseReplacementOfLiveSwap(plan, workspace)
    }

    /// Refuses an instance that another live swap has brought up, or one of which this store knows nothing.
    private func refuseReplacementOfLiveSwap(_ plan: Plan, _ workspace: Workspace) async throws {
        guard let owner = plan.original.tags[OwnershipTag.swap], plan.original.tags[OwnershipTag.role] == "replacement"
        else { return }
        guard let row = try await workspace.reading({ try await $0.swap(SwapID(owner)) }) else {
            throw CommandFailure(
                .refused, code: "foreignSwap",
                "\(plan.original.id) is the replacement of \(owner), and the store at \(workspace.journalPath) does not "
                    + "know that swap; work from where it was begun, or `changeover orphans adopt \(plan.original.id)` "
                    + "where nobody has it any more")
        }
        if row.summary.hasEnded { return }
        throw CommandFailure(
            .refused, code: "instanceBusy",
            "\(plan.original.id) is the replacement of \(owner), which is \(row.summary.state); "
                + "`changeover status \(owner)` shows it, `changeover retire \(owner)` ends its hold")
    }
}

extension Plan {
    /// Whether preflight would refuse the plan.
    var hasObstacle: Bool { findings.contains { $0.severity == .obstacle } }
}
