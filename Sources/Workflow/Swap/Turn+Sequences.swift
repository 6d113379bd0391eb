extension Turn {
    mutating func promote(_ replacement: Instance) {
        let steps = Itinerary(plan: swap.plan, replacement: replacement).promotion
        enter(.promoting(replacement: replacement, steps: sequence(steps)), within: policy.deadlines.promote + drain)
        if steps.isEmpty {
            because("The plan has no traffic to move.")
            bake(replacement)
        }
    }

    /// The time that members of all routers together may take to finish their work.
    var drain: Span { Span(milliseconds: policy.drain.milliseconds * Int64(max(1, swap.plan.routes.count))) }

    private mutating func bake(_ replacement: Instance) {
        because("Traffic is moved; the replacement is watched for \(policy.bake.text).")
        let watch = Assessment.bake(for: policy.bake)
        // The watch ends by itself; the deadline is for a watch that cannot.
        enter(.baking(replacement: replacement, watch: watch), within: policy.bake + policy.deadlines.verify)
    }

    mutating func stopOriginal(_ replacement: Instance) {
        let steps = Itinerary(plan: swap.plan, replacement: replacement).stopping(for: swap.id)
        enter(
            .stoppingOriginal(replacement: replacement, steps: sequence(steps)), within: policy.deadlines.retire)
    }

    /// Looks at the replacement before the original is ended; an original that was never held `mustBeGone` already.
    mutating func confirmReplacement(_ hold: SwapState.Hold, mustBeGone: Bool = false) {
        var hold = hold
        let look = Itinerary(plan: swap.plan, replacement: hold.replacement).confirmation
        hold.confirmation = sequence(look + (mustBeGone ? [.observe(.terminated(original.id))] : []))
        enter(.holding(hold), within: policy.deadlines.verify)
        because("One more look at the replacement before the original is terminated.")
    }

    /// Goes back to one more look at the replacement while the original is not known to be terminated.
    ///
    /// What was seen before a break, or long ago, is nothing to end the original on. `false` where there is nothing to
    /// confirm.
    mutating func confirmsAgain(because reason: String) -> Bool {
        guard case .terminatingOriginal(let replacement, let steps) = swap.state, steps.done == 0 else { return false }
        because(reason)
        confirmReplacement(SwapState.Hold(replacement: replacement, until: time, confirmation: nil))
        return true
    }

    /// Goes on with a sequence; each state says what its end and its failure mean.
    mutating func sequenceProgressed(_ event: SwapEvent) {
        guard var steps = swap.state.steps else { return ignore("Nothing is under way.") }
        if case .callFailed(steps.callNumber, let failure) = event, failure.code == CallFailure.outdatedCode,
            confirmsAgain(because: "The original was not terminated yet: \(failure.detail).")
        {
            return
        }
        switch steps.bearing(of: event, excusing: swap.excusedChecks) {
        case .none: ignore("This does not concern the present step of \(swap.state.name).")
        case .failed(let reason): stepFailed(reason)
        case .done(let instance):
            let done = steps.present
            steps.advance(lastCallNumber: &swap.lastCallNumber)
            if let done { because("Done: \(done.summary).") }
            adopt(instance, seenBy: done)
            swap.state.steps = steps
            if steps.present == nil { sequenceFinished() }
        }
    }

    /// An uncertain launch that is settled while rolling back tells whether there is a replacement.
    private mutating func adopt(_ instance: Instance?, seenBy step: SwapStep?) {
        guard case .observe(.launchSettled) = step, case .rollingBack(var rollback) = swap.state else { return }
        rollback.replacement = instance
        swap.launched = instance?.id
        swap.state = .rollingBack(rollback)
        because(instance.map { "The launch had created \($0.id)." } ?? "The launch created nothing.")
    }

    private mutating func sequenceFinished() {
        switch swap.state {
        case .promoting(let replacement, _): bake(replacement)
        case .stoppingOriginal(let replacement, _): hold(replacement)
        case .holding(let hold): terminateOriginal(hold.replacement)
        case .terminatingOriginal(let replacement, _):
            because("The original is gone; the replacement is now an instance like any other.")
            enter(.succeeded(replacement: replacement), within: nil)
        case .rollingBack(let rollback): retire(rollback)
        case .retiringReplacement(let rollback): finish(rollback)
        default: break
        }
    }

    private mutating func hold(_ replacement: Instance) {
        let until = time + policy.hold
        swap.totalDeadline = nil
        because("The original is stopped and held for \(policy.hold.text); `undo` brings it back until then.")
        enter(.holding(SwapState.Hold(replacement: replacement, until: until, confirmation: nil)), within: nil)
    }

    private mutating func terminateOriginal(_ replacement: Instance) {
        let steps = Itinerary(plan: swap.plan, replacement: replacement).termination(for: swap.id)
        because("The replacement is healthy and the original out of rotation: the point of no return.")
        enter(
            .terminatingOriginal(replacement: replacement, steps: sequence(steps)), within: policy.deadlines.retire)
    }

    private mutating func stepFailed(_ reason: String) {
        switch swap.state {
        case .promoting, .stoppingOriginal: rollBackFromPresentState(RollbackCause(.failure, reason))
        case .holding(var hold):
            hold.confirmation = nil
            stop(
                "The hold has ended but the original was not terminated: \(reason)",
                remedy: "The original is stopped and safe. Look at the replacement; then `resume` to look again, or "
                    + "`rollback` to bring the original back.", interrupted: .holding(hold))
        case .terminatingOriginal, .rollingBack, .retiringReplacement:
            stop(reason, remedy: swap.state.remedy(for: original), interrupted: swap.state)
        default: break
        }
    }

    mutating func stop(_ problem: String, remedy: String, interrupted: SwapState) {
        because(
            "\(problem)\(problem.hasSuffix(".") ? "" : ".") Stopped; nothing more is done until an operator decides.")
        enter(
            .needsOperator(SwapState.Stoppage(problem: problem, remedy: remedy, interrupted: interrupted)),
            within: nil)
    }

    /// Goes on where a stop for an operator interrupted.
    ///
    /// That part begins with its first step again: all of them may be repeated, and nobody knows what happened to the
    /// instances meanwhile.
    mutating func retry(_ interrupted: SwapState) {
        if interrupted.inPlace != nil { return retryInPlace(interrupted) }
        switch interrupted {
        case .holding(let hold): return confirmReplacement(hold)
        case .terminatingOriginal:
            enter(interrupted, within: policy.deadlines.retire)
            if confirmsAgain(because: "What was seen before is looked at again.") { return }
        case .retiringReplacement(var rollback) where !rollback.inverse.isEmpty:
            rollback.steps = sequence(rollback.inverse)
            return enter(.rollingBack(rollback), within: policy.deadlines.rollback + drain)
        case .rollingBack, .retiringReplacement: enter(interrupted, within: policy.deadlines.rollback)
        default: enter(interrupted, within: policy.deadlines.promote)
        }
        guard var steps = swap.state.steps else { return }
        steps.restart(lastCallNumber: &swap.lastCallNumber)
        swap.state.steps = steps
    }
}

extension SwapState {
    /// The sequence of a state that is one.
    var steps: StepSequence? {
        get {
            switch self {
            case .promoting(_, let steps), .stoppingOriginal(_, let steps), .terminatingOriginal(_, let steps): steps
            case .holding(let hold): hold.confirmation
            case .rollingBack(let rollback), .retiringReplacement(let rollback): rollback.steps
            case .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .uncordoning, .restoringSnapshot:
                inPlace?.steps
            case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .baking,
                .succeeded, .rolledBack, .cancelled, .refused, .needsOperator, .awaitingFallback, .awaitingUncordon,
                .updated:
                nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .promoting(let replacement, _): self = .promoting(replacement: replacement, steps: newValue)
            case .stoppingOriginal(let replacement, _):
                self = .stoppingOriginal(replacement: replacement, steps: newValue)
            case .terminatingOriginal(let replacement, _):
                self = .terminatingOriginal(replacement: replacement, steps: newValue)
            case .holding(var hold):
                hold.confirmation = newValue
                self = .holding(hold)
            case .rollingBack(var rollback):
                rollback.steps = newValue
                self = .rollingBack(rollback)
            case .retiringReplacement(var rollback):
                rollback.steps = newValue
                self = .retiringReplacement(rollback)
            case .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .uncordoning, .restoringSnapshot:
                inPlace?.steps = newValue
            case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .baking,
                .succeeded, .rolledBack, .cancelled, .refused, .needsOperator, .awaitingFallback, .awaitingUncordon,
                .updated:
                break
            }
        }
    }

    /// Whether an operator may end the swap with the replacement after a stop here: only where it had been given the
    /// traffic, and one more look decides whether it still has it.
    var mayRetire: Bool {
        switch self {
        case .holding, .terminatingOriginal, .rollingBack: true
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting, .baking,
            .stoppingOriginal, .succeeded, .retiringReplacement, .rolledBack, .cancelled, .refused, .needsOperator,
            .awaitingFallback, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .awaitingUncordon,
            .uncordoning, .restoringSnapshot, .updated:
            false
        }
    }

    /// Whether the original was stopped and held before a stop here.
    func hasHeld(_ original: Instance) -> Bool {
        switch self {
        case .holding, .terminatingOriginal: true
        case .rollingBack(let rollback): rollback.steps.steps.contains(.call(.start(original.id)))
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting, .baking,
            .stoppingOriginal, .succeeded, .retiringReplacement, .rolledBack, .cancelled, .refused, .needsOperator,
            .awaitingFallback, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .awaitingUncordon,
            .uncordoning, .restoringSnapshot, .updated:
            false
        }
    }

    /// What an operator does about a part that failed.
    func remedy(for original: Instance) -> String {
        switch self {
        case .terminatingOriginal:
            "The replacement serves. Remove what keeps \(original.id) from being terminated, then `resume`; as long as "
                + "it still exists, `rollback` brings it back."
        case .rollingBack:
            "Make sure that \(original.id) runs and answers, then `resume`; the replacement was left as it is. If "
                + "\(original.id) is gone for good and the replacement serves, `retire` ends the swap with it."
        default: "Remove what the message names, then `resume`."
        }
    }
}
