public import Workflow

/// The instances, plan and results that tests of swaps share.
public enum SampleSwap {
    /// The swap's id.
    public static let id = SwapID("s-1")
    /// When the sample plan was made, which is when a `ManualClock` begins.
    public static let start = WallTime(milliseconds: 1_800_000_000_000)
    /// The process that drives.
    public static let holder = LeaseHolder(host: "bastion", bootID: "boot-1", processID: 1, processStart: 1)
    /// A HAProxy backend.
    public static let web = TrafficRoute.haproxy(HAProxyRoute(socket: "/run/haproxy.sock", backend: "web", port: 80))
    /// A second backend.
    public static let api = TrafficRoute.haproxy(HAProxyRoute(socket: "/run/haproxy.sock", backend: "api", port: 81))

    /// The outgoing instance, as a `ScriptedCloud` holds it at first.
    public static let original = Instance(
        id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img-1"), address: "10.0.0.1",
        tags: ["role": "web"],
        launchedAt: WallTime(milliseconds: 1_700_000_000_000), properties: ["size": "small"])

    /// The incoming instance once it runs, as a `ScriptedCloud` launches it first.
    public static let replacement = Instance(
        id: InstanceID("i-2"), name: "web-1", state: .running, image: ImageID("img-1"), address: "10.0.0.2",
        tags: ["role": "web"],
        launchedAt: start, properties: ["size": "small"])

    /// A plan over the original; every deadline is so long that it passes only when a test wants it to.
    public static func plan(
        routes: [TrafficRoute] = [web], policy: SwapPolicy = policy(), findings: [PreflightFinding] = []
    ) -> Plan {
        let ledger = routes.map { route in
            LedgerEntry(
                subject: .trafficRegistration(
                    router: route.name,
                    member: TrafficMember(
                        name: original.id.rawValue, address: "10.0.0.1", status: .inService, openSessions: 0)),
                forward: "move", inverse: "move back")
        }
        return Plan(
            provider: ProviderName("scripted"), original: original,
            launch: LaunchSpecification(
                image: ImageID("img-1"), name: "web-1", tags: ["role": "web"], properties: ["size": "small"],
                patch: PatchPolicy()),
            ledger: ledger, routes: routes, checks: [CheckDocument(path: "web.yaml", text: "checks")], policy: policy,
            findings: findings, pendingUpdates: nil, cost: "one more instance", createdAt: start)
    }

    /// A policy with a short bake; by default every deadline lasts 10,000 hours.
    public static func policy(
        approval: SwapPolicy.Approval = .ask, onWarning: SwapPolicy.OnWarning = .hold,
        onFailure: SwapPolicy.OnFailure = .rollback, hold: Span = .hours(24), deadlines: SwapPolicy.Deadlines? = nil
    ) -> SwapPolicy {
        let long = Span.hours(10_000)
        let unreached = SwapPolicy.Deadlines(
            preflight: long, boot: long, patch: long, verify: long, promote: long, retire: long, rollback: long,
            total: long)
        return SwapPolicy(
            approval: approval, onWarning: onWarning, onFailure: onFailure, drain: .seconds(5), bake: .seconds(2),
            hold: hold, deadlines: deadlines ?? unreached)
    }

    /// The result of a single check with a verdict.
    public static func result(
        _ verdict: CheckResult.Verdict, of check: CheckID = CheckID("http"), isEnforced: Bool = true
    ) -> HealthAssessment {
        HealthAssessment(
            results: [
                CheckResult(
                    check: check, verdict: verdict, isEnforced: isEnforced, reason: "said \(verdict.rawValue)",
                    last: nil,
                    measurementCount: 3)
            ])
    }

    /// What preflight reports when nothing stands in the way.
    public static let clearPreflight = PreflightReport(findings: [], baseline: result(.pass))
}
