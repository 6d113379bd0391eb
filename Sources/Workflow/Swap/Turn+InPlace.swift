extension Turn {
    private var update: UpdatePlan {
        swap.plan.update ?? UpdatePlan(patch: swap.plan.launch.patch, takesSnapshot: false)
    }

    private var itinerary: InPlaceItinerary { InPlaceItinerary(swap: swap, update: update) }

    /// How often a call whose effect is missing is made again before that counts as a failure.
    private static let repetitionLimit = 5

    mutating func cordon() {
        because("Preflight found no obstacle; the original is taken out of rotation and updated in place.")
        enter(
            .cordoning(SwapState.InPlace(steps: sequence(itinerary.cordon))),
            within: policy.deadlines.promote + drain)
    }

    mutating func inPlaceProgressed(_ event: SwapEvent) {
        guard var inPlace = swap.state.inPlace, let present = inPlace.steps.present else {
            return ignore("Nothing is under way.")
        }
        switch (present, event) {
        case (.observe(.updateEnded), .effectMissing(inPlace.steps.observation, let reason)),
            (.observe(.rebooted), .effectMissing(inPlace.steps.observation, let reason)):
            repeatCall(&inPlace, because: reason)
        case (.observe(.updateEnded), .observed): ignore("An update ends with its result.")
        case (.observe(.updateEnded(_, let wanted)), .updateEnded(let token, let result)) where wanted == token:
            updateEnded(result, &inPlace)
        case (.assess(.updateVerification), .assessed(.updateVerification, let result)):
            verified(result.ignoring(swap.excusedChecks), inPlace)
        default: stepProgressed(event, &inPlace)
        }
    }

    private mutating func stepProgressed(_ event: SwapEvent, _ inPlace: inout SwapState.InPlace) {
        switch inPlace.steps.bearing(of: event, excusing: swap.excusedChecks) {
        case .none: ignore("This does not concern the present step of \(swap.state.name).")
        case .failed(let reason): inPlaceFailed(RollbackCause(.failure, reason))
        case .done: advance(&inPlace)
        }
    }

    private mutating func advance(_ inPlace: inout SwapState.InPlace) {
        if let done = inPlace.steps.present { because("Done: \(done.summary).") }
        inPlace.steps.advance(lastCallNumber: &swap.lastCallNumber)
        if case .call(.deleteSnapshot) = inPlace.steps.present { inPlace.isUndoable = false }
        swap.state.inPlace = inPlace
        if inPlace.steps.present == nil { partFinished(inPlace) }
    }

    /// What a provider or a machine has no record of, or what broke off, is asked for again under a number of its own.
    private mutating func repeatCall(_ inPlace: inout SwapState.InPlace, because reason: String) {
        guard inPlace.repetitions < Self.repetitionLimit,
            inPlace.steps.stepBackToCall(lastCallNumber: &swap.lastCallNumber)
        else { return inPlaceFailed(RollbackCause(.failure, reason)) }
        inPlace.repetitions += 1
        because("\(reason); asking again.")
        swap.state.inPlace = inPlace
    }

    private mutating func updateEnded(_ result: UpdateResult, _ inPlace: inout SwapState.InPlace) {
        var sum = result
        let renewed = Set(result.changes.map(\.package))
        sum.changes = (inPlace.result?.changes ?? []).filter { !renewed.contains($0.package) } + result.changes
        inPlace.result = sum
        swap.state.inPlace = inPlace
        if let failure = result.failure {
            return inPlaceFailed(RollbackCause(.failure, "The update failed: \(failure)"))
        }
        because("The update has ended: \(sum.changes.count) packages changed.")
        advance(&inPlace)
    }

    private mutating func partFinished(_ inPlace: SwapState.InPlace) {
        switch swap.state {
        case .cordoning: update.takesSnapshot ? takeSnapshot(inPlace) : beginUpdate(inPlace)
        case .snapshotting: beginUpdate(inPlace)
        case .updating:
            guard inPlace.result?.rebootRequired == true else { return verify(inPlace) }
            if update.patch.reboot == .never {
                because("A reboot is pending, and none is made, as asked.")
                return verify(inPlace)
            }
            reboot(inPlace)
        case .rebooting:
            because("\(original.id) was rebooted: it is up in another boot.")
            verify(inPlace)
        case .restoringSnapshot: uncordon(inPlace)
        case .uncordoning:
            if let cause = inPlace.cause { return finishInPlace(cause) }
            because("The original serves again, updated.")
            enter(.updated(inPlace.result ?? UpdateResult()), within: nil)
        default: break
        }
    }

    private mutating func begin(
        _ inPlace: SwapState.InPlace, _ steps: [SwapStep], within span: Span,
        _ state: (SwapState.InPlace) -> SwapState
    ) {
        var inPlace = inPlace
        inPlace.steps = sequence(steps)
        inPlace.repetitions = 0
        enter(state(inPlace), within: span)
        if steps.isEmpty { partFinished(inPlace) }
    }

    private mutating func takeSnapshot(_ inPlace: SwapState.InPlace) {
        var inPlace = inPlace
        inPlace.mayHaveSnapshot = true
        because("\(original.id) gets no work; taking a snapshot of it.")
        begin(inPlace, itinerary.snapshot, within: policy.deadlines.patch) { .snapshotting($0) }
    }

    private mutating func beginUpdate(_ inPlace: SwapState.InPlace) {
        var inPlace = inPlace
        inPlace.mayHaveUpdated = true
        inPlace.isUndoable = inPlace.mayHaveSnapshot
        because(
            inPlace.isUndoable
                ? "There is a snapshot to go back to; updating." : "There is no snapshot to go back to; updating.")
        begin(inPlace, itinerary.updating(attempt: inPlace.attempt), within: policy.deadlines.patch) { .updating($0) }
    }

    private mutating func reboot(_ inPlace: SwapState.InPlace) {
        because("The update asks for a reboot.")
        begin(inPlace, itinerary.reboot(from: inPlace.result?.bootID), within: policy.deadlines.boot) { .rebooting($0) }
    }

    private mutating func verify(_ inPlace: SwapState.InPlace) {
        begin(inPlace, itinerary.verification, within: policy.deadlines.verify) { .verifyingUpdate($0) }
    }

    private mutating func verified(_ result: HealthAssessment, _ inPlace: SwapState.InPlace) {
        switch result.verdict {
        case .fail:
            inPlaceFailed(RollbackCause(.failure, "The updated original failed its checks: \(result.summary)."))
        case .inconclusive:
            because("The checks were inconclusive: \(result.summary). The original is held out of rotation.")
            hold(inPlace, cause: .inconclusive)
        case .warning where policy.onWarning == .hold:
            because("The checks passed with warnings: \(result.summary).")
            hold(inPlace, cause: .warning)
        case .warning, .pass:
            because("The updated original is healthy: \(result.summary).")
            uncordon(inPlace)
        }
    }

    private mutating func hold(_ inPlace: SwapState.InPlace, cause: SwapState.Checkpoint.Cause) {
        let checkpoint = SwapState.UpdateCheckpoint(inPlace: inPlace, cause: cause, since: time)
        enter(.awaitingUncordon(checkpoint), within: cause == .inconclusive ? policy.deadlines.verify : nil)
    }

    mutating func approveUpdate(
        _ checkpoint: SwapState.UpdateCheckpoint, by author: String, command: OperatorCommand
    ) {
        if checkpoint.cause == .inconclusive && command == .approve {
            return ignore("The checks were inconclusive; `promote` goes on all the same, `rollback` goes back.")
        }
        unpause()
        extendTotalDeadline(after: checkpoint.since)
        because("\(author) passed the checkpoint (\(command.rawValue)).")
        uncordon(checkpoint.inPlace)
    }

    private mutating func uncordon(_ inPlace: SwapState.InPlace, after steps: [SwapStep] = []) {
        let span =
            inPlace.cause == nil ? policy.deadlines.promote + drain : policy.deadlines.rollback + drain
        begin(inPlace, steps + itinerary.uncordon(inPlace), within: span) { .uncordoning($0) }
    }

    // MARK: Going back

    /// Goes back as far as the update came; stops for an operator where nothing leads back.
    mutating func inPlaceFailed(_ cause: RollbackCause) {
        guard var inPlace = swap.state.inPlace else { return }
        if inPlace.cause != nil { return stopInPlace(cause.reason) }
        inPlace.cause = cause
        guard inPlace.mayHaveUpdated else {
            because(cause.reason)
            because("The update had not begun; the original gets its traffic back.")
            return uncordon(inPlace)
        }
        if case .updating = swap.state, let result = inPlace.result, result.failure != nil, result.changes.isEmpty {
            because(cause.reason)
            because("Nothing was installed; the original is checked and gets its traffic back.")
            return uncordon(inPlace, after: itinerary.unchanged)
        }
        guard inPlace.isUndoable else { return stopInPlace(cause.reason) }
        because(cause.reason)
        because("The original is brought back to its snapshot.")
        begin(inPlace, itinerary.restoration, within: policy.deadlines.rollback + drain) { .restoringSnapshot($0) }
    }

    private mutating func stopInPlace(_ problem: String) {
        var interrupted = swap.state
        if case .awaitingUncordon(let checkpoint) = interrupted { interrupted = .verifyingUpdate(checkpoint.inPlace) }
        stop(problem, remedy: remedy(for: interrupted), interrupted: interrupted)
    }

    private func remedy(for interrupted: SwapState) -> String {
        let out = swap.plan.routes.isEmpty ? "" : " It is out of rotation."
        let leave = "`changeover cancel \(swap.id)` leaves it as it is."
        return switch interrupted {
        case .restoringSnapshot, .uncordoning:
            "Look at \(original.id), remove what the message names, then `changeover resume \(swap.id)` tries again."
                + " The snapshot \(swap.snapshotName) is kept where there is one; \(leave)"
        case .updating:
            "\(original.id) may be updated in part, and there is no snapshot to go back to.\(out) Mend it by hand, for "
                + "example with `dpkg --configure -a` and `apt-get -f install`; then `changeover resume \(swap.id)` "
                + "updates the rest and checks it. \(leave)"
        default:
            "\(original.id) is updated, and there is no snapshot to go back to.\(out) Mend what the message names on the "
                + "machine; then `changeover resume \(swap.id)` checks it again and gives it its traffic back. \(leave)"
        }
    }

    /// An operator's way back.
    mutating func goBackInPlace(by author: String, kind: RollbackCause.Kind) {
        let verb = kind == .cancel ? "cancel" : "rollback"
        let cause = RollbackCause(kind, "\(author) asked for \(verb).")
        if case .needsOperator(let stoppage) = swap.state, let inPlace = stoppage.interrupted.inPlace {
            return goBack(from: stoppage.interrupted, inPlace, because: cause)
        }
        guard let inPlace = swap.state.inPlace else { return }
        guard inPlace.cause == nil else {
            return ignore("The swap is going back already (\(swap.state.name)).")
        }
        guard !inPlace.mayHaveUpdated || inPlace.isUndoable else {
            return ignore(
                "The update has begun, and there is no snapshot to go back to; it is brought to its end. `pause` stops "
                    + "before the next step.")
        }
        unpause()
        inPlaceFailed(cause)
    }

    private mutating func goBack(
        from interrupted: SwapState, _ inPlace: SwapState.InPlace, because cause: RollbackCause
    ) {
        if inPlace.mayHaveUpdated && !inPlace.isUndoable {
            guard cause.kind == .cancel else {
                return ignore("There is no snapshot to go back to; mend the original and `resume`, or `cancel`.")
            }
            unpause()
            because(cause.reason)
            var standing = "updated at least in part, out of rotation"
            if case .uncordoning = interrupted { standing = "updated" }
            let remaining = ["\(original.id) (original, \(standing))"]
            because("Cancelled; left: \(remaining[0]).")
            return enter(.cancelled(remaining: remaining), within: nil)
        }
        unpause()
        var interrupted = interrupted
        interrupted.inPlace?.cause = nil
        swap.state = interrupted
        inPlaceFailed(cause)
    }

    mutating func finishInPlace(_ cause: RollbackCause) {
        if cause.kind == .cancel {
            let remaining = ["\(original.id) (original, serving as before)"]
            because("Cancelled; left running: \(remaining[0]).")
            return enter(.cancelled(remaining: remaining), within: nil)
        }
        because("The original serves as before the update.")
        enter(.rolledBack(cause: cause, kept: nil), within: nil)
    }

    /// Goes on where a stop for an operator interrupted, with the part's first step.
    mutating func retryInPlace(_ interrupted: SwapState) {
        guard var inPlace = interrupted.inPlace else { return }
        inPlace.repetitions = 0
        switch interrupted {
        case .updating where inPlace.result?.failure != nil:
            inPlace.attempt += 1
            beginUpdate(inPlace)
        case .updating: beginUpdate(inPlace)
        case .rebooting: reboot(inPlace)
        case .verifyingUpdate: verify(inPlace)
        case .restoringSnapshot:
            begin(inPlace, itinerary.restoration, within: policy.deadlines.rollback + drain) { .restoringSnapshot($0) }
        default: uncordon(inPlace)
        }
    }
}
