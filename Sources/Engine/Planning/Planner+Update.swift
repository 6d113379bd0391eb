import Workflow

extension Planner {
    /// Computes the plan of an update in place; reads only.
    func updatePlan(
        for original: Instance, playbook: Playbook, providerName: ProviderName, checks: [CheckDocument]
    ) async throws(EngineError) -> Plan {
        var (update, findings) = try await survey(of: original, playbook)
        let ledger = try await ledger(for: original, launch: nil, routes: playbook.routes, findings: &findings)
        let policy = try await policy(of: playbook, findings: &findings)
        let pending = await pendingUpdates(of: original, policy: playbook.launch.patch, findings: &findings)
        update.patch = playbook.launch.patch
        return Plan(
            provider: providerName, original: original,
            launch: LaunchSpecification(
                image: original.image, name: original.name, tags: [:], properties: [:], patch: playbook.launch.patch),
            ledger: ledger, routes: playbook.routes, checks: checks, policy: policy, findings: findings,
            pendingUpdates: pending,
            cost: update.takesSnapshot ? "a snapshot of \(original.name) while it is updated" : "nothing",
            strategy: .inPlace, update: update, createdAt: clock.wallTime())
    }

    /// How the original would be updated in place, and what speaks against it.
    func survey(
        of original: Instance, _ playbook: Playbook
    ) async throws(EngineError) -> (update: UpdatePlan, findings: [PreflightFinding]) {
        var update = UpdatePlan(
            patch: playbook.launch.patch, takesSnapshot: snapshots != nil, mayInterrupt: playbook.mayInterrupt)
        let survey = UpdateSurvey(provider: provider, snapshots: snapshots, updater: updater, routers: routers)
        do {
            var findings = try await survey.findings(for: original, update: update, routes: playbook.routes)
            // Without a snapshot the update is not undoable, which an operator decides about when reading the plan.
            for index in findings.indices where findings[index].code == UpdateSurvey.noSnapshotCode {
                findings[index].severity = .warning
                update.takesSnapshot = false
            }
            return (update, findings)
        } catch {
            throw EngineError(.provider, "\(error)", underlying: error)
        }
    }
}

extension PreflightFinding {
    /// The same finding, with what an obstacle may lead to.
    func leading(to trigger: FallbackPolicy.Trigger) -> PreflightFinding {
        var finding = self
        if severity == .obstacle, finding.trigger == nil { finding.trigger = trigger }
        return finding
    }
}
