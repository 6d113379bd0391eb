import TestSupport
import Workflow

/// Every kind of event, as it concerns a swap's present step where it can, or as one that concerns nothing.
enum EventKind: String, CaseIterable, Sendable {
    case created, driven
    case preflightClear, preflightObstacle
    case callSucceeded, callFailed, callUncertain, foreignCallSucceeded, foreignCallFailed
    case observed, observationFailed, foreignObserved, foreignObservationFailed
    case passed, warned, failed, inconclusive, foreignVerdict
    case evidenceSaved
    case effectMissing, updateEnded, updateFailed, updateFailedUnchanged
    case stateTimer, totalTimer, holdTimer, staleTimer
    case approve, promote, rollback, pause, resume, cancel, undo, retire

    func event(for swap: Swap) -> SwapEvent {
        switch self {
        case .created:
            .created(SwapCreation(id: swap.id, plan: swap.plan, planHash: swap.planHash))
        case .driven: .driven(by: SampleSwap.holder)
        case .preflightClear: .preflightCompleted(SampleSwap.clearPreflight)
        case .preflightObstacle:
            .preflightCompleted(
                PreflightReport(
                    findings: [PreflightFinding(.obstacle, code: "capacity", message: "No room.")], baseline: nil))
        case .callSucceeded, .callFailed, .callUncertain, .foreignCallSucceeded, .foreignCallFailed: call(of: swap)
        case .observed, .observationFailed, .foreignObserved, .foreignObservationFailed: observation(of: swap)
        case .passed, .warned, .failed, .inconclusive, .foreignVerdict: verdict(for: swap)
        case .evidenceSaved: .evidenceSaved(problems: [])
        case .effectMissing: .effectMissing(waitedFor(by: swap), reason: "It was forgotten")
        case .updateEnded, .updateFailed, .updateFailedUnchanged: update(of: swap)
        case .stateTimer, .totalTimer, .holdTimer, .staleTimer: .timerFired(timer(of: swap))
        case .approve, .promote, .rollback, .pause, .resume, .cancel, .undo, .retire:
            .operatorRequested(
                OperatorRequest(command: OperatorCommand(rawValue: rawValue) ?? .approve, author: "alice"))
        }
    }

    private func call(of swap: Swap) -> SwapEvent {
        var present = Call(number: max(1, swap.lastIssuedCallNumber), request: .stop(InstanceID("i-9")))
        for case .perform(let call) in swap.effects { present = call }
        var outcome = CallOutcome.done
        if case .launch = present.request { outcome = .launched(SampleSwap.replacement) }
        let number = self == .foreignCallSucceeded || self == .foreignCallFailed ? 999 : present.number
        if self == .callSucceeded || self == .foreignCallSucceeded {
            return .callSucceeded(number: number, outcome: outcome)
        }
        let failure = CallFailure(code: "forbidden", detail: "scripted", isUncertain: self == .callUncertain)
        return .callFailed(number: number, failure: failure)
    }

    private func observation(of swap: Swap) -> SwapEvent {
        var present = Observation.stopped(InstanceID("i-9"))
        for case .observe(let observation) in swap.effects where self == .observed || self == .observationFailed {
            present = observation
        }
        if self == .observationFailed || self == .foreignObservationFailed {
            return .observationFailed(present, reason: "scripted")
        }
        if case .launchSettled = present { return .observed(present, instance: SampleSwap.replacement) }
        return .observed(present, instance: nil)
    }

    private func waitedFor(by swap: Swap) -> Observation {
        for case .observe(let observation) in swap.effects { return observation }
        return .stopped(InstanceID("i-9"))
    }

    private func update(of swap: Swap) -> SwapEvent {
        var token = UpdateToken("foreign")
        if case .updateEnded(_, let wanted) = waitedFor(by: swap) { token = wanted }
        var result = SwapScript.updateResult
        if self != .updateEnded { result.failure = "scripted" }
        if self == .updateFailedUnchanged { result.changes = [] }
        return .updateEnded(token, result)
    }

    private func verdict(for swap: Swap) -> SwapEvent {
        var present = Assessment(subject: .original, phase: .verify, length: .once)
        for case .assess(let assessment) in swap.effects where self != .foreignVerdict { present = assessment }
        let verdict: CheckResult.Verdict =
            switch self {
            case .warned: .warning
            case .failed: .fail
            case .inconclusive: .inconclusive
            default: .pass
            }
        return .assessed(present, result: SampleSwap.result(verdict))
    }

    private func timer(of swap: Swap) -> SwapTimer {
        for case .timer(let timer) in swap.effects {
            switch (timer, self) {
            case (.state, .stateTimer), (.total, .totalTimer), (.hold, .holdTimer): return timer
            default: continue
            }
        }
        let never = WallTime(milliseconds: 1)
        return switch self {
        case .totalTimer: .total(never)
        case .holdTimer: .hold(never)
        default: .state(never)
        }
    }
}
