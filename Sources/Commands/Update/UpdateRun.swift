import Engine
import Foundation
import Journal
import Patching
import Workflow

/// Updates the instances that a command means in place: looks which need it, goes on with what was left, drives the rest.
struct UpdateRun {
    /// What the command's options say.
    struct Choices {
        var agrees = false
        var waits = false
        var detaches = false
        var isDryRun = false
        var maxInFlight = 1
    }

    let workspace: Workspace
    let output: Output
    let loaded: LoadedPlaybook
    let target: InstanceTarget
    let choices: Choices

    private var playbook: Playbook { loaded.playbook }

    /// Why there is nothing to update.
    private static let noInstance = CommandFailure(
        .usage, code: "no-instance",
        "no instance to update: name one, or `--select tag=value` running ones, or let the playbook select them")

    func perform() async throws -> ExitStatus {
        let provider = try requirements()
        let live = choices.isDryRun ? [] : try await liveUpdates()
        let jobs = live.map(UpdateJob.goOn) + (try await survey(provider, besides: live.map(\.original)))
        if jobs.isEmpty { throw Self.noInstance }
        let planned = jobs.compactMap(\.planned)
        show(jobs)
        if choices.isDryRun { return planned.allSatisfy(\.plan.refusals.isEmpty) ? .done : .refused }
        let admission = SwapAdmission(workspace: workspace)
        for swap in planned {
            try await RequestTally.$swap.withValue(swap.id) { try await admission.admit(swap.plan) }
        }
        if !planned.isEmpty, asks, !isAgreed(planned.count) { return .stopped }
        let isIdle = jobs.allSatisfy(\.isCurrent)
        // What has nothing to do leaves no store behind.
        let runner = isIdle ? nil : try await SwapRunner(workspace, output)
        if choices.detaches, let runner, let swap = planned.first {
            return try await runner.begin(swap, options: driveOptions, asks: false, detach: true).0
        }
        let group = UpdateGroup(
            runner: runner, options: driveOptions, maxInFlight: choices.maxInFlight,
            asks: asks && choices.maxInFlight == 1, clock: workspace.clock)
        let report = UpdateReport(await group.run(jobs))
        output.document(report)
        if jobs.count > 1 || isIdle || output.format != .text { output.line() }
        report.lines(output).forEach { output.line($0) }
        return ExitStatus(rawValue: report.exitCode) ?? .unexpected
    }

    private var driveOptions: DriveOptions {
        DriveOptions(
            approvesPolicyCheckpoints: choices.agrees, waitsAtCheckpoints: choices.waits, waitsForHold: false)
    }

    private var asks: Bool {
        !choices.agrees && !choices.waits && output.isLive && isatty(STDIN_FILENO) == 1
    }

    private func isAgreed(_ count: Int) -> Bool {
        output.raw("Update \(count == 1 ? "it" : "these \(count) instances") now? [y]es, [n]o: ")
        let answer = readLine()?.lowercased() ?? ""
        guard ["y", "yes"].contains(answer) else {
            output.line("Nothing was changed.")
            return false
        }
        return true
    }

    /// The provider, unless its instances cannot be updated at all.
    private func requirements() throws -> ProviderName {
        let provider = try workspace.providerName(playbook.provider)
        guard workspace.runsCommands(on: provider) else {
            throw CommandFailure(
                .refused, code: "no-commands",
                "instances of \(provider) cannot be updated in place: the configuration says `commands: none`, so nothing "
                    + "can be run on them; write `commands: ssm` or `commands: {ssh: …}` there")
        }
        guard playbook.launch.patch.scope != .none else {
            throw CommandFailure(
                .usage, code: "nothing-to-update",
                "the playbook \(playbook.name) says `patch: {scope: none}`, so nothing would be updated; name another "
                    + "playbook, or say --security")
        }
        return provider
    }

    /// Updates that were interrupted; refuses where another swap of an instance is in the way.
    private func liveUpdates() async throws -> [LiveSwap] {
        try await workspace.liveSwaps(of: target).filter { live in
            let isNamed = target.names.contains(live.original.id.rawValue) || target.names.contains(live.original.name)
            // A held original is stopped, so tags, which select running instances, do not mean it.
            if case .holding = live.swap.state, live.row.driver == nil, !isNamed { return false }
            guard live.row.driver == nil, live.swap.strategy == .inPlace else { throw live.busy() }
            return true
        }
    }

    /// What is to be done with each of the other instances, decided by what the machines say now.
    private func survey(_ provider: ProviderName, besides known: [Instance]) async throws -> [UpdateJob] {
        let names = target.names.filter { name in !known.contains { $0.id.rawValue == name || $0.name == name } }
        let planner = try workspace.planner(provider: provider, routes: playbook.routes)
        let observer = try workspace.observer(provider)
        let first = SwapID.random()
        let instances = try await RequestTally.$swap.withValue(first) {
            let named = try await planner.instances(named: names)
            guard target.names.isEmpty, !target.tags.isEmpty else { return named }
            return try await planner.instances(tagged: target.tags).filter { instance in
                instance.tags[OwnershipTag.role] != "replacement" && !known.contains { $0.id == instance.id }
            }
        }
        return try await workspace.inOrder(instances) { index, instance in
            let id = index == 0 ? first : SwapID.random()
            return try await RequestTally.$swap.withValue(id) {
                if let current = await currency(of: instance, observer) { return current }
                let plan = try await planner.plan(
                    for: instance, playbook: playbook, providerName: provider, checks: loaded.checks)
                return .begin(PlannedSwap(id: id, plan: plan))
            }
        }
    }

    /// That an instance has nothing to update; `nil` where it has, or where that is not certain.
    private func currency(of instance: Instance, _ observer: any InstanceObserver) async -> UpdateJob? {
        guard instance.state == .running else { return nil }
        let policy = playbook.launch.patch
        let status = try? await workspace.inspector.patchStatus(
            via: observer.commandRunner(for: instance), policy: policy, timeout: .minutes(2))
        guard let status, status.isCurrent(under: policy) else { return nil }
        return .current(instance, rebootIsPending: status.rebootRequired == true)
    }

    private func show(_ jobs: [UpdateJob]) {
        for job in jobs {
            switch job {
            case .begin(let swap):
                PlanText.lines(swap.plan, hash: swap.plan.digest).forEach { output.line($0) }
                output.line()
                if choices.isDryRun { output.document(PlanFile(swap.plan)) }
            case .goOn(let live):
                output.line("Going on with \(live.row.id) of \(live.original.name), left in \(live.swap.state.name).")
            case .current(let instance, let rebootIsPending):
                output.line(
                    "\(instance.name) (\(instance.id)) has nothing to update and is not touched"
                        + (rebootIsPending ? "; a reboot is pending." : "."))
            }
        }
    }
}

/// What is to be done with one instance.
enum UpdateJob: Sendable {
    /// Go on with an update that was interrupted.
    case goOn(LiveSwap)
    /// Begin an update.
    case begin(PlannedSwap)
    /// Nothing.
    case current(Instance, rebootIsPending: Bool)

    var instance: Instance {
        switch self {
        case .goOn(let live): live.original
        case .begin(let swap): swap.plan.original
        case .current(let instance, _): instance
        }
    }

    var planned: PlannedSwap? { if case .begin(let swap) = self { swap } else { nil } }

    var isCurrent: Bool { if case .current = self { true } else { false } }
}

extension PatchStatus {
    /// Whether a policy finds nothing to do; what could not be read is never taken for that.
    func isCurrent(under policy: PatchPolicy) -> Bool {
        let counted = policy.scope == .security ? pending.filter(\.isSecurity) : pending
        guard counted.isEmpty, auditFindings.isEmpty else { return false }
        if rebootRequired == true, policy.reboot == .ifRequired { return false }
        guard policy.gems else { return true }
        switch gems {
        case .read(let pending): return pending.isEmpty
        case .notApplicable: return true
        case .unreadable, nil: return false
        }
    }
}
