internal import Documents
public import Workflow

extension CheckRunner {
    /// Runs the checks and records everything that the outside world says.
    ///
    /// Throws `CancellationError`, and `RecordingError` where the answers are more than a recording may hold; the recording
    /// is then lost. A watch cannot be recorded: it counts as `untilVerdict`.
    public func record(
        _ request: AssessmentRequest, onProgress: @escaping @Sendable (CheckProgress) -> Void
    ) async throws -> Cassette {
        var request = request
        if request.mode != .once { request.mode = .untilVerdict }
        guard let live = world as? LiveWorld else { preconditionFailure("only the real world can be recorded") }
        let redactor = redactor.adding(planner.plan(request).secrets)
        let recording = RecordingWorld(base: live, redaction: Redaction(secrets: redactor))
        let runner = CheckRunner(world: recording, secrets: secrets, redactor: redactor)
        let assessment = try await runner.assess(request, onProgress: onProgress)
        guard !recording.isOverfull else { throw RecordingError() }
        let settled = runner.planner.plan(request).items.compactMap { item -> CheckResult? in
            switch item {
            // As it was reported: a plan made anew has another time.
            case .settled(let result): assessment.results.first { $0.check == result.check } ?? result
            case .runnable, .comparison: nil
            }
        }
        return Cassette(request: request, assessment: assessment, settled: settled, places: recording.places)
    }

    /// Runs a recording's checks, or `documents` in their place, on what the recording holds.
    ///
    /// It takes no time, asks nothing of the network and resolves no secret. With the recorded documents the result is
    /// the recorded one, byte for byte; with others a check that would need more than was recorded is inconclusive.
    /// Throws only `CancellationError`.
    public static func replay(
        _ cassette: Cassette, documents: [CheckDocument]? = nil
    ) async throws -> HealthAssessment {
        let request = AssessmentRequest(
            documents: documents ?? cassette.documents, phase: cassette.phase,
            mode: cassette.isOnce ? .once : .untilVerdict, instance: cassette.instance,
            original: cassette.original, runner: NoRunner(), allowsLoopback: cassette.allowsLoopback)
        let secrets = SecretResolver(environment: { _ in "[recorded]" }, file: { _ in Array("[recorded]".utf8) })
        let runner = CheckRunner(world: ReplayWorld(cassette), secrets: secrets)
        var assessment = try await runner.assess(request) { _ in }
        // Checks of changed files are judged anew, also where they could not be run then.
        for result in documents == nil ? cassette.settled : [] {
            guard let index = assessment.results.firstIndex(where: { $0.check == result.check }) else { continue }
            assessment.results[index] = result
        }
        return assessment
    }
}

/// Nothing is run in a replay.
private struct NoRunner: CommandRunner {
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        throw CommandError(.unreachable, detail: "a replay runs no commands")
    }
}
