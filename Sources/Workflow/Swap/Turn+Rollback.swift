extension Turn {
    /// Goes back from wherever the swap is; a launch that may have happened is settled first.
    mutating func rollBackFromPresentState(_ cause: RollbackCause) {
        if case .launching(let call) = swap.state, case .launch(let request) = call.request {
            because(cause.reason)
            let steps = sequence([.observe(.launchSettled(request.token))])
            enter(
                .rollingBack(SwapState.Rollback(replacement: nil, cause: cause, steps: steps, inverse: [])),
                within: policy.deadlines.rollback)
            return
        }
        rollBack(swap.state.replacement, cause)
    }

    /// Reverses the ledger as far as it was moved, then retires the replacement.
    mutating func rollBack(_ replacement: Instance?, _ cause: RollbackCause) {
        because(cause.reason)
        explainAbsentFallback(after: cause, replacement: replacement)
        let itinerary = replacement.map { Itinerary(plan: swap.plan, replacement: $0) }
        let steps = sequence(itinerary?.inverse(of: swap.state, for: swap.id) ?? [])
        let rollback = SwapState.Rollback(replacement: replacement, cause: cause, steps: steps, inverse: steps.steps)
        enter(.rollingBack(rollback), within: policy.deadlines.rollback + drain)
        if steps.present == nil {
            because(replacement == nil ? "There is no replacement to retire." : "No traffic was moved.")
            retire(rollback)
        }
    }

    mutating func retire(_ rollback: SwapState.Rollback) {
        guard let replacement = rollback.replacement else { return finish(rollback) }
        var rollback = rollback
        let keeps = keepsReplacement(after: rollback.cause)
        rollback.steps = sequence(
            Itinerary(plan: swap.plan, replacement: replacement).retirement(keeping: keeps))
        enter(.retiringReplacement(rollback), within: policy.deadlines.rollback)
    }

    mutating func finish(_ rollback: SwapState.Rollback) {
        let kept = keepsReplacement(after: rollback.cause) ? rollback.replacement?.id : nil
        if rollback.cause.kind == .cancel {
            let remaining = ["\(original.id) (original, serving)"] + (kept.map { ["\($0) (replacement, kept)"] } ?? [])
            because("Cancelled; left running: \(remaining.joined(separator: ", ")).")
            return enter(.cancelled(remaining: remaining), within: nil)
        }
        because(kept.map { "The original serves; \($0) was kept." } ?? "The original serves; the replacement is gone.")
        enter(.rolledBack(cause: rollback.cause, kept: kept), within: nil)
    }

    private func keepsReplacement(after cause: RollbackCause) -> Bool {
        switch cause.kind {
        case .failure, .deadline: policy.onFailure == .keep
        case .operatorRollback, .undo, .cancel: false
        }
    }

    mutating func timerFired(_ timer: SwapTimer, seen: String?) {
        guard swap.effects.contains(.timer(timer)) else { return ignore("The timer no longer counts.") }
        let instead = seen.map { ": \($0)." } ?? "."
        switch timer {
        case .hold:
            guard case .holding(let hold) = swap.state else { return }
            because("The hold has ended.")
            confirmReplacement(hold)
        case .total:
            rollBackOrStop("The swap took longer than its \(policy.deadlines.total.text)\(instead)")
        case .state:
            rollBackOrStop("\(swap.state.name) took longer than its deadline\(instead)")
        }
    }

    private mutating func rollBackOrStop(_ reason: String) {
        switch swap.state {
        case .preflight:
            let finding = PreflightFinding(.obstacle, code: "deadline", message: reason)
            because(reason)
            enter(.refused([finding]), within: nil)
        case .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting, .baking, .stoppingOriginal:
            rollBackFromPresentState(RollbackCause(.deadline, reason))
        case .holding, .terminatingOriginal, .rollingBack, .retiringReplacement:
            deadlinePassed(reason)
        case .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .awaitingUncordon, .uncordoning,
            .restoringSnapshot:
            inPlaceFailed(RollbackCause(.deadline, reason))
        case .planned, .awaitingFallback, .updated, .succeeded, .rolledBack, .cancelled, .refused, .needsOperator: break
        }
    }

    private mutating func deadlinePassed(_ reason: String) {
        var interrupted = swap.state
        if case .holding(var hold) = interrupted {
            hold.confirmation = nil
            interrupted = .holding(hold)
        }
        let waiting = swap.state.steps?.present.map { " It was about to \($0.summary)." } ?? ""
        stop(reason + waiting, remedy: swap.state.remedy(for: original), interrupted: interrupted)
    }
}
