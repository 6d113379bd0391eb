public import CurlTransport
public import Documents
public import Workflow

/// Runs the checks of the check language against an instance.
///
/// All checks of the phase run at the same time, each at its own interval on the injected clock. Every failure of our
/// side makes a check inconclusive, never a pass.
public struct CheckRunner: HealthAssessor {
    let world: any ProbeWorld
    let secrets: SecretResolver
    let redactor: Redactor

    var planner: CheckPlanner { CheckPlanner(world: world, secrets: secrets) }

    /// Creates a runner.
    ///
    /// `controller` runs the commands of `exec` checks with `runOn: controller` on this machine. The secrets of the check
    /// files are resolved once per assessment and taken out of everything that is reported, as is what `redactor` knows.
    public init(
        clock: any WorkflowClock, transport: CurlTransport, controller: any CommandRunner,
        inspector: any PatchInspector, secrets: SecretResolver = .process, redactor: Redactor = Redactor()
    ) {
        self.init(
            clock: clock, network: transport, controller: controller, inspector: inspector, secrets: secrets,
            redactor: redactor)
    }

    init(
        clock: any WorkflowClock, network: any NetworkProbing, controller: any CommandRunner,
        inspector: any PatchInspector, secrets: SecretResolver = .process, redactor: Redactor = Redactor()
    ) {
        let world = LiveWorld(clock: clock, network: network, controller: controller, inspector: inspector)
        self.init(world: world, secrets: secrets, redactor: redactor)
    }

    init(world: any ProbeWorld, secrets: SecretResolver, redactor: Redactor = Redactor()) {
        self.world = world
        self.secrets = secrets
        self.redactor = redactor
    }

    /// Runs every check of the request's phase and returns their verdict.
    ///
    /// Throws only `CancellationError`. A document that does not decode, an address that must not be probed and a secret
    /// that cannot be resolved each give an inconclusive result without any measurement. In watch mode the first
    /// enforced failure ends all checks.
    public func assess(
        _ request: AssessmentRequest, onProgress: @escaping @Sendable (CheckProgress) -> Void
    ) async throws -> HealthAssessment {
        let (items, secrets) = planner.plan(request)
        // What such a world says was redacted before it was judged; to do so again would change our own words.
        let redactor = world.isRedacted ? Redactor() : redactor.adding(secrets)
        let results = await withTaskGroup(of: (Int, CheckResult).self) { group in
            for (index, item) in items.enumerated() {
                switch item {
                case .settled(let result): group.addTask { (index, result) }
                case .runnable(let check):
                    let run = CheckRun(check: check, mode: request.mode, world: world, redactor: redactor)
                    group.addTask { (index, await run.result(onProgress: onProgress)) }
                case .comparison(let check):
                    let run = ComparisonCheckRun(check: check, mode: request.mode, world: world, redactor: redactor)
                    group.addTask { (index, await run.result(onProgress: onProgress)) }
                }
            }
            var results: [(Int, CheckResult)] = []
            for await finished in group {
                results.append(finished)
                if endsEarly(after: finished.1, request.mode) { group.cancelAll() }
            }
            return results
        }
        try Task.checkCancellation()
        return HealthAssessment(results: results.sorted { $0.0 < $1.0 }.map { redacted($0.1, redactor) })
    }

    private func endsEarly(after result: CheckResult, _ mode: AssessmentRequest.Mode) -> Bool {
        switch mode {
        case .untilVerdict, .once: false
        case .watch: result.isEnforced && result.verdict == .fail
        }
    }

    private func redacted(_ result: CheckResult, _ redactor: Redactor) -> CheckResult {
        var result = result
        result.reason = redactor.redact(result.reason)
        return result
    }
}
