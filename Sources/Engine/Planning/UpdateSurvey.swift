import Workflow

/// Reads what stands in the way of an update in place; changes nothing.
struct UpdateSurvey: Sendable {
    /// The code of the finding that no snapshot can be taken.
    static let noSnapshotCode = "no-snapshot"

    let provider: any InstanceObserver
    let snapshots: (any SnapshotObserver)?
    let updater: (any UpdateObserver)?
    let routers: [RouterName: any TrafficObserver]

    /// Obstacles and warnings, the machine's own included.
    func findings(
        for original: Instance, update: UpdatePlan?, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding] {
        guard let update, let updater else {
            return [
                PreflightFinding(
                    .obstacle, code: "no-updater",
                    message: "Instances of this provider cannot be updated in place: no commands can be run on them.")
            ]
        }
        var findings = try await memberFindings(for: original, update: update, routes: routes)
        findings += try await snapshotFindings(for: original, update: update)
        do {
            findings += try await updater.findings(
                for: update.patch, via: provider.commandRunner(for: original))
        } catch {
            throw ProviderError(error, operation: "look at \(original.id)")
        }
        return findings
    }

    private func snapshotFindings(
        for original: Instance, update: UpdatePlan
    ) async throws(ProviderError) -> [PreflightFinding] {
        if update.takesSnapshot, let snapshots { return try await snapshots.snapshotFindings(for: original) }
        return [
            PreflightFinding(
                .warning, code: Self.noSnapshotCode,
                message: "No snapshot of \(original.name) is taken, so an update that breaks it cannot be undone; it "
                    + "would be left out of rotation for you to mend.")
        ]
    }

    /// Whether each router has another healthy member to serve meanwhile.
    private func memberFindings(
        for original: Instance, update: UpdatePlan, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding] {
        var findings: [PreflightFinding] = []
        for route in routes {
            guard let router = routers[route.name] else { continue }
            let members: [TrafficMember]
            do { members = try await router.members() } catch { throw ProviderError(error, operation: "look") }
            let others = members.filter {
                !$0.stands(for: original.id, at: original.address) && $0.status == .inService
            }
            guard others.isEmpty else { continue }
            let words =
                "\(route.name) has no healthy member besides \(original.name), so the service stands still while it is "
                + "updated"
            findings.append(
                update.mayInterrupt
                    ? PreflightFinding(.warning, code: "interruption", message: words + ", as the playbook allows.")
                    : PreflightFinding(
                        .obstacle, code: "only-member",
                        message: words + "; add a member, or allow it with `inPlace: {interruption: allow}` "
                            + "(`--allow-interruption`)."))
        }
        return findings
    }
}
