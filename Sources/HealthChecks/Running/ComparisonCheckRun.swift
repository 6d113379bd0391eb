internal import Documents
internal import Statistics
internal import Workflow

/// A comparison that is ready to run.
struct RunnableComparison: Sendable {
    var id: CheckID
    var timing: CheckTiming
    var design: ComparisonDesign
    var original: any Probe
    var replacement: any Probe
}

/// One comparison from its first pair of probes to its verdict.
///
/// The sides are probed one after the other, never at the same time, so that they do not compete for this machine; which
/// is first is drawn anew for every pair. The clock's `interval` bounds the rate.
struct ComparisonCheckRun: Sendable {
    /// How often progress is reported at most, apart from the first and the last pair, so that hundreds fill no log.
    static let progressInterval: Span = .seconds(5)
    /// The same where pairs have begun, or ceased, to count.
    static let changeInterval: Span = .seconds(1)

    var check: RunnableComparison
    var mode: AssessmentRequest.Mode
    var world: any ProbeWorld
    var redactor: Redactor

    private var clock: any WorkflowClock { world.clock(ProbePlace(check: check.id)) }

    /// Takes samples until there is a verdict, until the check's end, or until the task is cancelled.
    ///
    /// The end is kept by a timer beside the probes; a pair that it cuts short does not count, on either side.
    func result(onProgress: @escaping @Sendable (CheckProgress) -> Void) async -> CheckResult {
        let start = ComparisonState(check.design, check.timing, mode, at: clock.monotonicMilliseconds())
        let state = world.isLive ? await guarded(from: start, onProgress) : await sample(from: start, onProgress)
        let isCut = clock.monotonicMilliseconds() < state.end && world.isOver(check.id)
        let outcome = ComparisonOutcome(check: check, redactor: redactor, at: clock.wallTime())
        return outcome.result(of: state, recordingEnded: isCut)
    }

    /// Takes samples with a timer beside it.
    private func guarded(
        from start: ComparisonState, _ onProgress: @escaping @Sendable (CheckProgress) -> Void
    ) async -> ComparisonState {
        let limit = Span(milliseconds: start.end - start.startedAt)
        return await withTaskGroup(of: ComparisonState?.self) { group in
            group.addTask { await sample(from: start, onProgress) }
            group.addTask {
                try? await clock.sleep(for: limit)
                return nil
            }
            var state = start
            for await finished in group {
                group.cancelAll()
                if let finished { state = finished }
            }
            return state
        }
    }

    private func sample(
        from start: ComparisonState, _ onProgress: @Sendable (CheckProgress) -> Void
    ) async -> ComparisonState {
        var state = start
        var order = PairOrder(of: check.id)
        var reported: (at: Int64, use: ComparisonState.Use)?
        while !Task.isCancelled, !world.isOver(check.id, after: state.probeCount) {
            let startedAt = clock.monotonicMilliseconds()
            if startedAt >= state.end { break }
            let at = clock.wallTime()
            let pair = await pair(startsWithOriginal: order.startsWithOriginal())
            if Task.isCancelled || world.isOver(check.id) { break }
            let now = clock.monotonicMilliseconds()
            let use = state.take(pair, at: now)
            let pause = reported?.use == use ? Self.progressInterval : Self.changeInterval
            let isDue = reported.map { now - $0.at >= pause.milliseconds } ?? true
            if isDue || state.isFinished {
                reported = (now, use)
                onProgress(progress(state, pair, at: at))
            }
            if state.isFinished { break }
            let rest = check.timing.interval.milliseconds - (now - startedAt)
            guard (try? await clock.sleep(for: .milliseconds(max(1, rest)))) != nil else { break }
        }
        return state
    }

    private func pair(startsWithOriginal: Bool) async -> ComparisonState.Pair {
        let timeout = check.timing.timeout
        if startsWithOriginal {
            let original = await check.original.read(timeout: timeout)
            return ComparisonState.Pair(
                original: original, replacement: await check.replacement.read(timeout: timeout))
        }
        let replacement = await check.replacement.read(timeout: timeout)
        return ComparisonState.Pair(original: await check.original.read(timeout: timeout), replacement: replacement)
    }

    /// Where the comparison stands; shown is the replacement's newest probe, or the original's where our side failed there.
    private func progress(_ state: ComparisonState, _ pair: ComparisonState.Pair, at: WallTime) -> CheckProgress {
        let isOfOriginal = pair.original.outcome == .unknown && pair.replacement.outcome != .unknown
        let reading = isOfOriginal ? pair.original : pair.replacement
        let measurement = Measurement(
            at: at, outcome: reading.outcome, reason: redactor.shown(reading.reason),
            actual: redactor.shown(reading.actual), expected: redactor.shown(reading.expected),
            phaseMilliseconds: reading.phaseMilliseconds)
        return CheckProgress(
            check: check.id, measurement: measurement, successes: state.successes, failures: state.failures,
            detail: state.waiting)
    }
}

extension Redactor {
    /// A text without secrets and without what steers a terminal, cut to what is kept of a measurement.
    func shown(_ text: String) -> String {
        let known = redact(String(text.prefix(CheckRun.maximumReadLength)))
        return String(String(known.prefix(4 * CheckRun.maximumTextLength)).onOneLine.prefix(CheckRun.maximumTextLength))
    }
}
