internal import Documents
internal import Workflow

/// One check from its first measurement to its verdict.
struct CheckRun: Sendable {
    /// How much of an actual or expected value is kept, in characters.
    static let maximumTextLength = 300
    /// How much of it is looked at before secrets are taken out: no secret that begins in what is kept is cut.
    static let maximumReadLength = maximumTextLength + SecretResolver.maximumBytes

    var check: RunnableCheck
    var mode: AssessmentRequest.Mode
    var world: any ProbeWorld
    var redactor: Redactor

    /// Where the check stands when its loop ends.
    private struct Progress: Sendable {
        var state: CheckJudgeState
        var last: Measurement?
        var decision: CheckJudge.Decision?
    }

    private var judge: CheckJudge { CheckJudge(timing: check.timing, mode: mode) }
    private var clock: any WorkflowClock { world.clock(ProbePlace(check: check.id)) }

    /// Measures until there is a verdict, until the check's end, or until the task is cancelled.
    ///
    /// The end is kept by a timer beside the measurements, so that not even a probe that hangs outlasts it.
    func result(onProgress: @escaping @Sendable (CheckProgress) -> Void) async -> CheckResult {
        let state = judge.start(at: clock.monotonicMilliseconds())
        let progress =
            world.isLive ? await guarded(from: state, onProgress) : await measure(from: state, onProgress)
        let decision = progress.decision ?? lastWord(progress.state)
        return CheckResult(
            check: check.id, verdict: decision.verdict, isEnforced: check.timing.mode == .enforce,
            reason: sentence(decision, progress.last), last: progress.last,
            measurementCount: progress.state.measurements)
    }

    /// Measures with a timer beside it.
    private func guarded(
        from state: CheckJudgeState, _ onProgress: @escaping @Sendable (CheckProgress) -> Void
    ) async -> Progress {
        let limit = Span(milliseconds: judge.end(of: state) - state.startedAt)
        return await withTaskGroup(of: Progress?.self) { group in
            group.addTask { await measure(from: state, onProgress) }
            group.addTask {
                try? await clock.sleep(for: limit)
                return nil
            }
            var progress = Progress(state: state)
            for await finished in group {
                group.cancelAll()
                if let finished { progress = finished }
            }
            return progress
        }
    }

    /// The verdict when no more can be measured: at the check's end, or where a recording ends before it.
    private func lastWord(_ state: CheckJudgeState) -> CheckJudge.Decision {
        let now = clock.monotonicMilliseconds()
        if world.isOver(check.id), now < judge.end(of: state) {
            return judge.capped(
                CheckJudge.Decision(verdict: .inconclusive, reason: "the recording ends before there is a verdict"))
        }
        return judge.conclude(state, at: now)
    }

    private func measure(
        from start: CheckJudgeState, _ onProgress: @Sendable (CheckProgress) -> Void
    ) async -> Progress {
        var progress = Progress(state: start)
        while !Task.isCancelled, !world.isOver(check.id, after: progress.state.measurements) {
            let startedAt = clock.monotonicMilliseconds()
            if startedAt >= judge.end(of: progress.state) { break }
            let measurement = await measurement()
            if Task.isCancelled || world.isOver(check.id) { break }
            let now = clock.monotonicMilliseconds()
            (progress.state, progress.decision) = judge.decide(progress.state, measurement.outcome, at: now)
            progress.last = measurement
            onProgress(report(progress.state, measurement, at: now))
            if progress.decision != nil { break }
            let rest = check.timing.interval.milliseconds - (now - startedAt)
            guard (try? await clock.sleep(for: .milliseconds(max(1, rest)))) != nil else { break }
        }
        return progress
    }

    private func measurement() async -> Measurement {
        let at = clock.wallTime()
        let reading = await check.probe.read(timeout: check.timing.timeout)
        return Measurement(
            at: at, outcome: reading.outcome, reason: redactor.shown(reading.reason),
            actual: redactor.shown(reading.actual), expected: redactor.shown(reading.expected),
            phaseMilliseconds: reading.phaseMilliseconds)
    }

    private func report(_ state: CheckJudgeState, _ measurement: Measurement, at now: Int64) -> CheckProgress {
        CheckProgress(
            check: check.id, measurement: measurement, successes: state.successes, failures: state.failures,
            detail: judge.waiting(state, at: now))
    }

    private func sentence(_ decision: CheckJudge.Decision, _ last: Measurement?) -> String {
        guard let last, decision.verdict != .pass, last.outcome != .ok else { return decision.reason }
        return "\(decision.reason): \(last.reason), \(last.actual), expected \(last.expected)"
    }
}
