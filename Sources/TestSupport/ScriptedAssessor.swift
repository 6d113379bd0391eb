public import Workflow

/// An assessor that gives scripted verdicts; a watch lasts its time on the clock.
public actor ScriptedAssessor: HealthAssessor {
    private let clock: any WorkflowClock
    private var results: [CheckPhase: [HealthAssessment]] = [:]
    /// The phases that were assessed, in order.
    public private(set) var phases: [CheckPhase] = []
    /// The original that each assessment could compare with, in order; `nil` where there was none.
    public private(set) var originals: [Instance?] = []

    /// Creates an assessor whose every verdict is a pass until scripted otherwise.
    public init(clock: any WorkflowClock) {
        self.clock = clock
    }

    /// Scripts the results of a phase: given in turn, then the last one again.
    public func script(_ phase: CheckPhase, _ results: [HealthAssessment]) {
        self.results[phase] = results
    }

    /// Gives the next scripted result of the phase.
    public func assess(
        _ request: AssessmentRequest, onProgress: @escaping @Sendable (CheckProgress) -> Void
    ) async throws -> HealthAssessment {
        phases.append(request.phase)
        originals.append(request.original)
        if case .watch(let span) = request.mode { try await clock.sleep(for: span) }
        let measurement = Measurement(at: clock.wallTime(), outcome: .ok, reason: "ok")
        onProgress(
            CheckProgress(
                check: CheckID("http"), measurement: measurement, successes: 1, failures: 0, detail: "1 of 1 passes"))
        guard let scripted = results[request.phase], let next = scripted.first else { return SampleSwap.result(.pass) }
        if scripted.count > 1 { results[request.phase] = Array(scripted.dropFirst()) }
        return next
    }
}
