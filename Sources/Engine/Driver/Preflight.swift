import Workflow

/// Reads everything that could stand in the way, and checks the original for a baseline; changes nothing.
struct Preflight: Sendable {
    let environment: EngineEnvironment
    let swap: Swap
    let assess: @Sendable (Assessment, Instance) async throws -> HealthAssessment
    let log: LogWriter

    private var plan: Plan { swap.plan }

    func run() async throws -> SwapEvent {
        var findings: [PreflightFinding] = plan.findings.filter { $0.severity == .obstacle }
        do {
            let drift = try await DriftDetector(provider: environment.provider, routers: environment.routers)
                .drift(of: plan)
            findings += drift.map {
                PreflightFinding(.obstacle, code: "drift", message: "The plan no longer fits: \($0).")
            }
            findings += try await environment.provider.launchFindings(for: plan.launch)
        } catch let error as EngineError {
            findings.append(obstacle(error.code.rawValue, error.detail))
        } catch let error as ProviderError {
            findings.append(obstacle(error.code.rawValue, error.detail))
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

    private func obstacle(_ code: String, _ detail: String) -> PreflightFinding {
        PreflightFinding(.obstacle, code: code, message: environment.redact(detail) + ".")
    }

    /// Writes what is installed and running on the original, for the comparison; its failure stops nothing.
    private func recordOriginal() async {
        let runner = environment.provider.commandRunner(for: plan.original)
        do {
            let facts = try await environment.inspector.facts(
                via: runner, address: plan.original.address, timeout: .seconds(60))
            try await environment.evidence.write(facts, asJSON: EvidenceFile.originalFacts, of: swap.id)
            let status = try await environment.inspector.patchStatus(
                via: runner, policy: plan.launch.patch, timeout: .minutes(2))
            try await environment.evidence.write(status, asJSON: EvidenceFile.originalPatchStatus, of: swap.id)
        } catch {
            await log.write(["facts of \(plan.original.id): \(error)"], source: "engine", instance: plan.original.id)
        }
    }
}
