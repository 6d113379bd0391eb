public import Workflow

/// Makes plans; holds nothing that could change the world.
public struct Planner: Sendable {
    let provider: any InstanceObserver
    let routers: [RouterName: any TrafficObserver]
    private let inspector: any PatchInspector
    let snapshots: (any SnapshotObserver)?
    let updater: (any UpdateObserver)?
    let clock: any WorkflowClock

    /// Creates a planner over clients that cannot mutate; of `snapshots` and `updater` it asks findings only.
    public init(
        provider: any InstanceObserver, routers: [RouterName: any TrafficObserver], inspector: any PatchInspector,
        snapshots: (any SnapshotObserver)? = nil, updater: (any UpdateObserver)? = nil, clock: any WorkflowClock
    ) {
        self.provider = provider
        self.routers = routers
        self.inspector = inspector
        self.snapshots = snapshots
        self.updater = updater
        self.clock = clock
    }

    /// Finds one instance by id or by name.
    ///
    /// Throws `EngineError` with code `planning` when there is none, or more than one of that name.
    public func instance(named text: String) async throws(EngineError) -> Instance {
        try instance(named: text, among: try await listed())
    }

    /// Finds instances by id or by name, in that order, with one listing; throws as `instance(named:)` does.
    public func instances(named texts: [String]) async throws(EngineError) -> [Instance] {
        guard !texts.isEmpty else { return [] }
        let all = try await listed()
        var found: [Instance] = []
        for text in texts { found.append(try instance(named: text, among: all)) }
        return found
    }

    private func instance(named text: String, among all: [Instance]) throws(EngineError) -> Instance {
        if let exact = all.first(where: { $0.id.rawValue == text && $0.state != .terminated }) { return exact }
        let named = all.filter { $0.name == text && $0.state != .terminated }
        if named.count == 1 { return named[0] }
        if named.count > 1 {
            let ids = named.map(\.id.rawValue).sorted().joined(separator: ", ")
            throw EngineError(.planning, "the name \(text) is not unique: \(ids); name the instance by its id")
        }
        let live = all.filter { $0.state != .terminated }.map(\.name).sorted().prefix(8).joined(separator: ", ")
        throw EngineError(
            .planning,
            "there is no instance \(text)\(provider.location.isEmpty ? "" : " " + provider.location); "
                + (live.isEmpty ? "the provider lists none" : "the provider lists \(live)")
                + "; see `changeover instances`")
    }

    /// Lists the running instances that carry all of `tags`, ordered by name.
    public func instances(tagged tags: [String: String]) async throws(EngineError) -> [Instance] {
        try await listed().filter { instance in
            instance.state == .running && tags.allSatisfy { instance.tags[$0.key] == $0.value }
        }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    private func listed() async throws(EngineError) -> [Instance] {
        do { return try await provider.instances() } catch {
            throw EngineError(.provider, "\(error)", underlying: error)
        }
    }

    /// Computes the plan for one instance; reads only.
    public func plan(
        for original: Instance, playbook: Playbook, providerName: ProviderName, checks: [CheckDocument]
    ) async throws(EngineError) -> Plan {
        guard original.state == .running else {
            throw EngineError(
                .planning,
                "\(original.id) is \(original.state.rawValue); only a running instance can be "
                    + (playbook.strategy == .inPlace ? "updated" : "swapped"))
        }
        if playbook.strategy == .inPlace {
            return try await updatePlan(
                for: original, playbook: playbook, providerName: providerName, checks: checks)
        }
        let launch: LaunchSpecification
        var findings: [PreflightFinding]
        do {
            launch = try await provider.inheritedSpecification(of: original, choices: playbook.launch)
            findings = try await provider.carryOverFindings(for: original, routes: playbook.routes)
                .map { $0.leading(to: .irreplaceable) }
            findings += try await provider.launchFindings(for: launch)
        } catch {
            throw EngineError(.provider, "\(error)", underlying: error)
        }
        let ledger = try await ledger(for: original, launch: launch, routes: playbook.routes, findings: &findings)
        let policy = try await policy(of: playbook, findings: &findings)
        let pending = await pendingUpdates(of: original, policy: playbook.launch.patch, findings: &findings)
        if original.isTerminationProtected {
            findings.append(Self.protectionFinding(original))
        }
        var update: UpdatePlan?
        if playbook.fallback != nil {
            // What speaks against the fallback is said when it comes to that; it does not stand in the swap's way.
            update = try await survey(of: original, playbook).update
        }
        return Plan(
            provider: providerName, original: original, launch: launch, ledger: ledger, routes: playbook.routes,
            checks: checks, policy: policy, findings: findings, pendingUpdates: pending,
            cost: "one more instance like \(original.name) while both exist: up to "
                + "\(playbook.policy.deadlines.total.text), then a stopped one for \(playbook.policy.hold.text)",
            fallback: playbook.fallback, update: update, createdAt: clock.wallTime())
    }

    private static func protectionFinding(_ original: Instance) -> PreflightFinding {
        PreflightFinding(
            .obstacle, code: "termination-protection",
            message: "\(original.id) is protected against termination, so it could not be retired; "
                + "take the protection off yourself if that is meant.", trigger: .irreplaceable)
    }

    func ledger(
        for original: Instance, launch: LaunchSpecification?, routes: [TrafficRoute],
        findings: inout [PreflightFinding]
    ) async throws(EngineError) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        for route in routes {
            guard let router = routers[route.name] else { continue }
            let members: [TrafficMember]
            do { members = try await router.members() } catch {
                throw EngineError(.traffic, "\(error)", underlying: error)
            }
            guard let member = members.first(where: { $0.stands(for: original.id, at: original.address) }) else {
                findings.append(
                    PreflightFinding(
                        .obstacle, code: "not-registered",
                        message: "\(original.name) (\(original.address ?? "no address")) is no member of "
                            + "\(route.name), so there is no traffic to move there; mend the playbook or the router."))
                continue
            }
            if member.status != .inService {
                findings.append(
                    PreflightFinding(
                        .obstacle, code: "not-in-service",
                        message: "\(route.name) sends \(original.name) no traffic "
                            + "(\(member.name) is \(member.status.rawValue)); "
                            + "a swap could not be rolled back to it."))
            }
            entries.append(
                LedgerEntry(
                    subject: .trafficRegistration(router: route.name, member: member),
                    forward: launch == nil
                        ? "drain and disable \(member.name) while it is updated"
                        : "add the replacement, wait until the router sees it healthy, drain and disable "
                            + member.name,
                    inverse: "enable \(member.name), wait until the router sees it healthy"
                        + (launch == nil ? "" : ", drain and remove the replacement")))
        }
        guard let launch else { return entries }
        let tags = launch.tags.sorted { $0.key < $1.key }
        return entries
            + tags.map {
                LedgerEntry(
                    subject: .tag(name: $0.key, value: $0.value), forward: "set by the launch itself",
                    inverse: "goes with the replacement")
            }
    }

    /// The playbook's policy, with the drain time of the routers where the playbook leaves it to them.
    func policy(
        of playbook: Playbook, findings: inout [PreflightFinding]
    ) async throws(EngineError) -> SwapPolicy {
        var policy = playbook.policy
        guard playbook.derivesDrain else { return policy }
        for route in playbook.routes {
            guard let router = routers[route.name] else { continue }
            do {
                guard let own = try await router.drainTime(), own > policy.drain else { continue }
                policy.drain = own
                findings.append(
                    PreflightFinding(
                        .note, code: "drain", message: "\(route.name) lets a member finish its work for \(own.text)."))
            } catch {
                throw EngineError(.traffic, "\(error)", underlying: error)
            }
        }
        return policy
    }

    func pendingUpdates(
        of original: Instance, policy: PatchPolicy, findings: inout [PreflightFinding]
    ) async -> [PendingUpdate]? {
        guard policy.scope != .none else { return nil }
        do {
            let runner = provider.commandRunner(for: original)
            return try await inspector.patchStatus(via: runner, policy: policy, timeout: .minutes(2)).pending
        } catch {
            findings.append(
                PreflightFinding(
                    .warning, code: "patch-status",
                    message: "The original's pending updates are not known: \(error.description)."))
            return nil
        }
    }
}
