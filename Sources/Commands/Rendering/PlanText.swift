import Engine
import Workflow

/// A plan in words, for an operator to read before anything happens.
enum PlanText {
    static func lines(_ plan: Plan, hash: String) -> [String] {
        var lines = ["Plan \(hash.prefix(12)) for \(plan.original.name) (\(plan.original.id)) on \(plan.provider)", ""]
        lines += [
            "  original      \(plan.original.id) \(plan.original.state.rawValue), image \(plan.original.image), "
                + "address \(plan.original.address ?? "none")"
        ]
        if plan.strategy == .inPlace { return lines + inPlace(plan) }
        lines += [
            "  replacement   image \(plan.launch.image), "
                + (plan.launch.patch.scope == .none
                    ? "taken as it was built" : "patched at first boot (\(plan.launch.patch.scope.rawValue) updates)")
        ]
        lines += [pending(plan)]
        lines += carriedOver(plan)
        if plan.routes.isEmpty { lines.append("  traffic       none: the playbook names no router") }
        lines += plan.checks.map { "  checks        \($0.path)" }
        let policy = plan.policy
        lines.append(
            "  promote       \(policy.approval == .ask ? "after approval" : "when the checks pass"); "
                + "drain \(policy.drain.text), bake \(policy.bake.text), hold \(policy.hold.text)")
        lines.append(
            "  on failure    "
                + (policy.onFailure == .keep
                    ? "back to the original; the replacement is kept"
                    : "back to the original; the replacement is retired"))
        if let fallback = plan.fallback {
            lines.append(
                "  fallback      in place, \(fallback.approval == .ask ? "after approval" : "by itself"), for "
                    + fallback.triggers.map(\.rawValue).joined(separator: ", ") + " only")
        }
        lines.append("  cost          \(plan.cost)")
        lines += plan.findings.map { "  \($0.severity.rawValue.padded(to: 12))  \($0.message)" }
        return lines
    }

    private static func inPlace(_ plan: Plan) -> [String] {
        let update = plan.update
        let patch = update?.patch ?? plan.launch.patch
        var lines = [
            "  strategy      in place: \(patch.scope.rawValue) updates\(patch.gems ? " and Rubygems" : ""), "
                + (patch.reboot == .never ? "no reboot" : "a reboot if one is required"),
            "  snapshot      "
                + (update?.takesSnapshot == true
                    ? "taken before the update and deleted once the original serves again"
                    : "none, so that the update cannot be undone"),
            pending(plan),
        ]
        lines += carriedOver(plan)
        if plan.routes.isEmpty { lines.append("  traffic       none: the playbook names no router") }
        lines += plan.checks.map { "  checks        \($0.path)" }
        lines.append(
            "  on failure    "
                + (update?.takesSnapshot == true
                    ? "the snapshot is restored" : "it is left out of rotation, for an operator to mend"))
        lines.append("  cost          \(plan.cost)")
        return lines + plan.findings.map { "  \($0.severity.rawValue.padded(to: 12))  \($0.message)" }
    }

    private static func carriedOver(_ plan: Plan) -> [String] {
        var lines: [String] = []
        for entry in plan.ledger {
            switch entry.subject {
            case .trafficRegistration(let router, let member):
                let verb = plan.strategy == .inPlace ? "cordoned    " : "carried over"
                lines.append("  \(verb)  \(router) member \(member.name) (\(member.address))")
                lines.append("                  forth: \(entry.forward)")
                lines.append("                  back:  \(entry.inverse)")
            case .tag(let name, let value): lines.append("  carried over  tag \(name)=\(value)")
            }
        }
        return lines
    }

    private static func pending(_ plan: Plan) -> String {
        guard let pending = plan.pendingUpdates else { return "  updates       not known" }
        let security = pending.filter(\.isSecurity).count
        var line =
            "  updates       the original lacks \(pending.count)"
            + (security > 0 ? ", \(security) of them security" : "")
        for update in pending {
            line +=
                "\n                  \(update.package) \(update.installed ?? "(new)") → \(update.candidate)"
                + (update.isSecurity ? "  security" : "")
        }
        return line
    }
}

extension String {
    /// The text with spaces behind it up to a width.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
