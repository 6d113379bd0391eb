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
        lines += [
            "  replacement   image \(plan.launch.image), "
                + (plan.launch.patch.scope == .none
                    ? "taken as it was built" : "patched at first boot (\(plan.launch.patch.scope.rawValue) updates)")
        ]
        lines += [pending(plan)]
        for entry in plan.ledger {
            switch entry.subject {
            case .trafficRegistration(let router, let member):
                lines.append("  carried over  \(router) member \(member.name) (\(member.address))")
                lines.append("                  forth: \(entry.forward)")
                lines.append("                  back:  \(entry.inverse)")
            case .tag(let name, let value): lines.append("  carried over  tag \(name)=\(value)")
            }
        }
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
        lines.append("  cost          \(plan.cost)")
        lines += plan.findings.map { "  \($0.severity.rawValue.padded(to: 12))  \($0.message)" }
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
