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

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        if plan != nil && (!instances.isEmpty || playbook != nil) {
            throw CommandFailure(
                .usage, code: "usage", "--plan says which instance and how; leave instances and --playbook out")
        }
        var left = instances
        if !dryRun, plan == nil, let status = try await goOn(&left, workspace, output),
            status != .done || left.isEmpty
        {
            return status
        }
        let plans: [Plan]
        if let plan {
            plans = [try PlanFile.read(plan)]
        } else {
            plans = try await workspace.plans(instances: left, playbook: playbook)
        }
        for plan in plans {
            PlanText.lines(plan, hash: plan.digest).forEach { output.line($0) }
            output.line()
            if dryRun { output.document(PlanFile(plan)) }
        }
        if dryRun { return plans.contains(where: \.hasObstacle) ? .refused : .done }
        for plan in plans {
            let status = try await start(plan, workspace, output)
            if status != .done { return status }
        }
        return .done
    }

    /// Goes on with interrupted swaps of the instances named, and takes those out of `left`; `nil` when there is none.
    ///
    /// A live swap that somebody drives, or that holds its original, is in the way and refused.
    private func goOn(_ left: inout [String], _ workspace: Workspace, _ output: Output) async throws -> ExitStatus? {
        let reader = workspace.journalReader
        let rows = try await reader.swaps(liveOnly: true)
        var originals: [Instance] = []
        for row in rows { originals.append(try await workspace.swap(row.id, in: reader).plan.original) }
        // SQLite shares one mapping of the index within a process: beside an open reader the journal could not write.
        await reader.close()
        var result: ExitStatus?
        for (row, original) in zip(rows, originals) {
            guard instances.contains(original.id.rawValue) || instances.contains(original.name) else { continue }
            if let driver = row.driver {
                throw CommandFailure(
                    .refused, code: "instanceBusy",
                    "\(row.id) swaps \(original.name) (\(original.id)) already; \(driver) drives it. "
                        + "`changeover watch \(row.id)` shows it")
            }
            guard row.summary.state != "holding" else {
                throw CommandFailure(
                    .refused, code: "instanceBusy",
                    "\(row.id) has swapped \(original.name) (\(original.id)) and holds it; "
                        + "`changeover undo \(row.id)` brings it back, `changeover retire \(row.id)` ends the hold")
            }
            output.line("Going on with \(row.id), which was left in \(row.summary.state).")
            let runner = try await SwapRunner(workspace, output)
            result = try await runner.resume(row.id, options: driveOptions, asks: asks(output))
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

    private func start(_ plan: Plan, _ workspace: Workspace, _ output: Output) async throws -> ExitStatus {
        let observers = workspace.observers(for: plan.routes)
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
        let runner = try await SwapRunner(workspace, output)
        try await runner.refuseReplacementOfLiveSwap(plan)
        return try await runner.begin(plan, options: driveOptions, asks: asks(output), detach: detach)
    }
}

extension Plan {
    /// Whether preflight would refuse the plan.
    var hasObstacle: Bool { findings.contains { $0.severity == .obstacle } }
}
