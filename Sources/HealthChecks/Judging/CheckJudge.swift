internal import Workflow

/// Decides what a check's measurements add up to: a pure function of state, measurement and time.
///
/// Times are milliseconds of any clock that never goes back. The rules are those of the check language: unknown moves
/// neither counter; criticals within the startup grace are not counted, and the first non-critical ends the grace;
/// `failureThreshold` counted criticals in a row fail; `successThreshold` non-criticals in a row pass once `stableFor`
/// has gone by since the window's first pass; more than `maxTransitions` flips inside the window restart it.
struct CheckJudge: Sendable, Hashable {
    /// A verdict with its reason, one sentence.
    struct Decision: Sendable, Hashable {
        var verdict: CheckResult.Verdict
        var reason: String
    }

    let timing: CheckTiming
    let mode: AssessmentRequest.Mode

    /// The state before the first measurement.
    func start(at now: Int64) -> CheckJudgeState {
        CheckJudgeState(startedAt: now, isInGrace: mode == .untilVerdict && timing.startupGrace > .zero)
    }

    /// When the check ends whatever is measured.
    func end(of state: CheckJudgeState) -> Int64 {
        switch mode {
        case .untilVerdict, .once: state.startedAt + timing.deadline.milliseconds
        case .watch(let span): state.startedAt + span.milliseconds
        }
    }

    /// Takes a measurement; returns the verdict as soon as there is one.
    func decide(
        _ before: CheckJudgeState, _ outcome: Measurement.Outcome, at now: Int64
    ) -> (state: CheckJudgeState, decision: Decision?) {
        let state = advance(before, outcome, at: now)
        let decision =
            mode == .once ? single(state) : failure(state) ?? blindness(state) ?? success(state, at: now)
        if decision == nil, now >= end(of: state) { return (state, conclude(state, at: now)) }
        return (state, decision.map(capped))
    }

    /// The verdict when no more measurements are taken: at the deadline, or at the end of the watch.
    func conclude(_ state: CheckJudgeState, at now: Int64) -> Decision {
        capped(isWatching ? watchEnd(state, at: now) : deadlineEnd(state))
    }

    /// What the check waits for, in words.
    func waiting(_ state: CheckJudgeState, at now: Int64) -> String {
        if isWatching {
            let left = max(0, end(of: state) - now)
            return "watching, \(Span(milliseconds: left).text) left"
        }
        if state.last == .critical {
            if state.isInGrace { return "failing, not counted during startup" }
            return "\(state.failures) of \(timing.failureThreshold) failures"
        }
        if state.last == .unknown { return "\(state.errors) of \(timing.consecutiveErrorLimit) errors on our side" }
        if state.successes < timing.successThreshold {
            return "\(state.successes) of \(timing.successThreshold) passes"
        }
        let held = Span(milliseconds: now - (state.windowStart ?? now))
        return "held healthy \(held.text) of \(timing.stableFor.text)"
    }

    private var isWatching: Bool {
        switch mode {
        case .untilVerdict, .once: false
        case .watch: true
        }
    }
}

extension CheckJudge {
    private func advance(
        _ before: CheckJudgeState, _ outcome: Measurement.Outcome, at now: Int64
    ) -> CheckJudgeState {
        var state = before
        state.measurements += 1
        state.last = outcome
        if outcome != .unknown { state.counted += 1 }
        switch outcome {
        case .unknown:
            state.errors += 1
        case .ok, .warning:
            state.errors = 0
            state.isInGrace = false
            state.failures = 0
            state.successes += 1
            state.clean = outcome == .ok ? state.clean + 1 : 0
            countFlip(&state, isHealthy: true)
            if state.windowStart == nil { state.windowStart = now }
        case .critical:
            state.errors = 0
            state.successes = 0
            state.clean = 0
            if state.isInGrace, now - state.startedAt >= timing.startupGrace.milliseconds { state.isInGrace = false }
            if !state.isInGrace { state.failures += 1 }
            countFlip(&state, isHealthy: false)
        }
        return state
    }

    /// Counts a change between healthy and failing inside the window, and closes the window after too many.
    private func countFlip(_ state: inout CheckJudgeState, isHealthy: Bool) {
        defer { state.wasHealthy = isHealthy }
        guard state.windowStart != nil, let wasHealthy = state.wasHealthy, wasHealthy != isHealthy else { return }
        state.flips += 1
        guard state.flips > timing.maxTransitions else { return }
        state.windowStart = nil
        state.flips = 0
        state.restarts += 1
    }

    /// The verdict of the only measurement that counts.
    private func single(_ state: CheckJudgeState) -> Decision? {
        switch state.last {
        case .ok: Decision(verdict: .pass, reason: "healthy")
        case .warning: Decision(verdict: .warning, reason: "healthy with warnings")
        case .critical: Decision(verdict: .fail, reason: "failing")
        case .unknown, nil: blindness(state)
        }
    }

    private func failure(_ state: CheckJudgeState) -> Decision? {
        guard state.failures >= timing.failureThreshold else { return nil }
        return Decision(verdict: .fail, reason: "\(state.failures) failures in a row")
    }

    /// Too many errors on our side in a row; a watch goes on, since what it watches serves already.
    private func blindness(_ state: CheckJudgeState) -> Decision? {
        guard !isWatching, isBlind(state) else { return nil }
        return Decision(verdict: .inconclusive, reason: "\(state.errors) measurements in a row failed on our side")
    }

    private func isBlind(_ state: CheckJudgeState) -> Bool {
        state.errors >= timing.consecutiveErrorLimit
    }

    private func success(_ state: CheckJudgeState, at now: Int64) -> Decision? {
        guard !isWatching, state.last == .ok || state.last == .warning, state.successes >= timing.successThreshold,
            let windowStart = state.windowStart, now - windowStart >= timing.stableFor.milliseconds
        else { return nil }
        let held = Span(milliseconds: now - windowStart).text
        guard state.clean >= timing.successThreshold else {
            return Decision(verdict: .warning, reason: "healthy with warnings, held for \(held)")
        }
        return Decision(verdict: .pass, reason: "\(state.successes) passes in a row, held healthy for \(held)")
    }

    private func deadlineEnd(_ state: CheckJudgeState) -> Decision {
        let deadline = timing.deadline.text
        switch state.last {
        case .critical: return Decision(verdict: .fail, reason: "still failing at the deadline of \(deadline)")
        case .ok, .warning:
            return Decision(
                verdict: .inconclusive, reason: "not healthy for long enough at the deadline of \(deadline)")
        case .unknown: return Decision(verdict: .inconclusive, reason: "not measurable at the deadline of \(deadline)")
        case nil: return Decision(verdict: .inconclusive, reason: "nothing was measured within \(deadline)")
        }
    }

    private func watchEnd(_ state: CheckJudgeState, at now: Int64) -> Decision {
        guard let wasHealthy = state.wasHealthy else {
            return Decision(verdict: .inconclusive, reason: "nothing could be measured during the watch")
        }
        if isBlind(state) {
            return Decision(verdict: .inconclusive, reason: "\(state.errors) measurements in a row failed on our side")
        }
        guard wasHealthy else { return Decision(verdict: .fail, reason: "failing at the end of the watch") }
        let isSettled = state.windowStart.map { now - $0 >= timing.stableFor.milliseconds } ?? false
        if state.restarts > 0, !isSettled {
            return Decision(verdict: .inconclusive, reason: "changes between healthy and failing too often")
        }
        let needed = min(timing.successThreshold, state.counted)
        guard state.clean >= needed else {
            return Decision(verdict: .warning, reason: "healthy at the end, with warnings or failures before")
        }
        return Decision(verdict: .pass, reason: "healthy during the watch")
    }

    /// A check of severity warning never does more than warn.
    func capped(_ decision: Decision) -> Decision {
        switch (timing.severity, decision.verdict) {
        case (.critical, _), (.warning, .pass), (.warning, .warning): return decision
        case (.warning, .fail), (.warning, .inconclusive):
            return Decision(verdict: .warning, reason: decision.reason + ", capped at warning by its severity")
        }
    }
}
