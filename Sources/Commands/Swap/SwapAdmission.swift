import Engine
import Journal
import Workflow

/// Decides whether a planned swap may begin, before the store is opened, which would make one.
struct SwapAdmission: Sendable {
    let workspace: Workspace

    /// Refuses a plan that does not fit any more, that has an obstacle, or whose instance another swap has brought up.
    func admit(_ plan: Plan) async throws {
        let observers = try workspace.observers(for: plan.routes, provider: plan.provider)
        let drift = try await DriftDetector(provider: workspace.observer(plan.provider), routers: observers).drift(
            of: plan)
        guard drift.isEmpty else {
            throw CommandFailure(
                .refused, code: "drift",
                "the plan no longer fits, so nothing was changed:\n"
                    + drift.map { "  \($0)" }.joined(separator: "\n") + "\nmake a new one with `changeover plan`")
        }
        let refusals = plan.refusals
        guard refusals.isEmpty else {
            throw CommandFailure(
                .refused, code: "obstacle",
                "the \(plan.strategy == .inPlace ? "update of \(plan.original.name)" : "swap") is refused, and nothing "
                    + "was changed:\n" + refusals.map { "  \($0.message)" }.joined(separator: "\n"))
        }
        try await refuseReplacementOfLiveSwap(plan)
    }

    /// Refuses an instance that another live swap has brought up, or one of which this store knows nothing.
    private func refuseReplacementOfLiveSwap(_ plan: Plan) async throws {
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
    private var obstacles: [PreflightFinding] { findings.filter { $0.severity == .obstacle } }

    /// The obstacles that refuse the plan; none where its fallback answers every one of them.
    var refusals: [PreflightFinding] { offersFallback ? [] : obstacles }

    /// Whether blue-green cannot be attempted and the fallback is what is left.
    var offersFallback: Bool {
        guard let fallback, !obstacles.isEmpty else { return false }
        return obstacles.allSatisfy { obstacle in
            let trigger = obstacle.trigger ?? FallbackPolicy.Trigger(rawValue: obstacle.code)
            return trigger.map(fallback.triggers.contains) ?? false
        }
    }
}
