import TestSupport
import Workflow

/// Writes one event with what came of it: a line for the event and the state, and one for each reason and intent.
enum Transcript {
    static func text(_ event: SwapEvent, _ decision: SwapDecision, at time: WallTime) -> String {
        let clock = offset(time)
        let state = decision.isAccepted ? describe(decision.swap) : "not accepted"
        var text = "\(clock)  \(describe(event)) → \(state)\n"
        for reason in decision.reasons { text += "          \(reason)\n" }
        for call in decision.intents { text += "        ! #\(call.number) \(call.request.summary)\n" }
        return text
    }

    /// The time since the beginning as hours, minutes and seconds.
    private static func offset(_ time: WallTime) -> String {
        let seconds = time.since(SampleSwap.start).milliseconds / 1000
        return [seconds / 3600, seconds / 60 % 60, seconds % 60]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    private static func describe(_ swap: Swap) -> String {
        let pause = swap.pausedAt == nil ? "" : " (paused)"
        let timers = swap.effects.compactMap { effect in
            if case .timer(let timer) = effect { return describe(timer) }
            return nil
        }
        return swap.state.name + pause + (timers.isEmpty ? "" : " [\(timers.joined(separator: ", "))]")
    }

    private static func describe(_ timer: SwapTimer) -> String {
        let due = offset(timer.at)
        return switch timer {
        case .state: "state until \(due)"
        case .total: "swap until \(due)"
        case .hold: "hold until \(due)"
        }
    }

    private static func describe(_ event: SwapEvent) -> String {
        switch event {
        case .created: "created"
        case .driven(let holder): "driven by \(holder)"
        case .preflightCompleted(let report): "preflight completed, \(report.findings.count) findings"
        case .callSucceeded(let number, .launched(let instance)): "#\(number) launched \(instance.id)"
        case .callSucceeded(let number, .done): "#\(number) done"
        case .callFailed(let number, let failure): "#\(number) failed\(failure.isUncertain ? ", perhaps" : "")"
        case .observed(let observation, _): "seen \(observation.summary)"
        case .observationFailed(let observation, _): "cannot expect \(observation.summary)"
        case .effectMissing(let observation, let reason): "no effect to see of \(observation.summary): \(reason)"
        case .updateEnded(_, let result):
            "update ended\(result.failure.map { " badly: \($0)" } ?? "") with \(result.changes.count) changes"
        case .assessed(let assessment, let result):
            "\(assessment.phase.rawValue) of the \(assessment.subject.rawValue): \(result.verdict.rawValue)"
        case .evidenceSaved: "evidence saved"
        case .timerFired(let timer, let seen): "timer fired: \(describe(timer))\(seen.map { " (\($0))" } ?? "")"
        case .operatorRequested(let request): "\(request.author) asks to \(request.command.rawValue)"
        }
    }
}
