import Workflow

/// Reads everything that could stand in the way, and checks the original for a baseline; changes nothing.
struct Preflight: Sendable {
    let environment: EngineEnvironment
    let swap: Swap
    let assess: @Sendable (Assessment, Instance) async throws -> HealthAssessment
    let log: LogWriter

    /// How often reads are tried.
    private static let attemptLimit = 5

    private var plan: Plan { swap.plan }

    func run() async throws -> SwapEvent {
        var findings: [PreflightFinding] = plan.findings.filter(isInTheWay)
        var backoff = Backoff(base: .milliseconds(500), cap: .seconds(5))
        var attempt = 1
        while true {
            do throws(PreflightError) {
                findings += try await read()
                break
            } catch {
                // A provider that stutters is no reason to refuse a swap; one that stays away is.
                if !error.isRetryable || attempt == Self.attemptLimit {
                    findings.append(
                        PreflightFinding(.obstacle, code: error.code, message: environment.redact(error.detail) + "."))
                    break
                }
            }
            attempt += 1
            try await environment.clock.sleep(for: backoff.next(random: environment.random()))
        }
        try Task.checkCancellation()
        guard !findings.contains(where: { $0.severity == .obstacle }) else {
            return .preflightCompleted(PreflightReport(findings: findings, baseline: nil))
        }
        await recordOriginal()
        let baseline = try await assess(
            Assessment(subject: .original, phase: .baseline, length: .once), plan.original)
        return .preflightCompleted(PreflightReport(findings: findings, baseline: baseline))
    }

    /// Whether something that planning found stands in this strategy's way: what only keeps a replacement from being made
    /// is what an update in place answers.
    private func isInTheWay(_ finding: PreflightFinding) -> Bool {
        guard finding.severity == .obstacle else { return false }
        return swap.strategy == .blueGreen || finding.fallbackTrigger == nil
    }

    /// Reads what could stand in the way.
    private func read() async throws(PreflightError) -> [PreflightFinding] {
        let drift: [PlanDrift]
        do {
            drift = try await DriftDetector(provider: environment.provider, routers: environment.routers).drift(
                of: plan)
        } catch {
            let isRetryable =
                (error.underlying as? ProviderError)?.isRetryable ?? (error.underlying as? TrafficError)?.isRetryable
            throw PreflightError(code: error.code.rawValue, detail: error.detail, isRetryable: isRetryable ?? false)
        }
        let drifted = drift.map {
            PreflightFinding(.obstacle, code: "drift", message: "The plan no longer fits: \($0).")
        }
        do {
            switch swap.strategy {
            case .blueGreen: return drifted + (try await environment.provider.launchFindings(for: plan.launch))
            case .inPlace:
                // What was read just now may already tell that the machine is not the one to be asked.
                if !drifted.isEmpty { return drifted }
                let survey = UpdateSurvey(
                    provider: environment.provider, snapshots: environment.provider.snapshots,
                    updater: environment.updater, routers: environment.routers)
                return try await survey.findings(
                    for: plan.original, update: plan.update, routes: plan.routes)
            }
        } catch {
            throw PreflightError(code: error.code.rawValue, detail: error.detail, isRetryable: error.isRetryable)
        }
    }

    private struct PreflightError: Error {
        var code: String
        var detail: String
        var isRetryable: Bool
    }

    /// Writes what is installed and running on the original, for the comparison; its failure stops nothing.
    private func recordOriginal() async {
        let patch = swap.strategy == .inPlace ? plan.update?.patch ?? plan.launch.patch : plan.launch.patch
        guard patch.scope != .none else { return }
        let runner = environment.provider.commandRunner(for: plan.original)
        do {
            let facts = try await environment.inspector.facts(
                via: runner, address: plan.original.address, timeout: .seconds(60))
            try await environment.evidence.write(facts, asJSON: EvidenceFile.originalFacts, of: swap.id)
            let status = try await environment.inspector.patchStatus(
                via: runner, policy: patch, timeout: .minutes(2))
            try await environment.evidence.write(status, asJSON: EvidenceFile.originalPatchStatus, of: swap.id)
        } catch {
            await log.write(["facts of \(plan.original.id): \(error)"], source: "engine", instance: plan.original.id)
        }
    }
}
