extension Turn {
    mutating func operatorRequested(_ request: OperatorRequest) {
        let by = request.author.isEmpty ? "the operator" : request.author
        switch request.command {
        case .approve, .promote: approve(by: by, command: request.command)
        case .rollback: goBack(by: by, kind: .operatorRollback)
        case .cancel: cancel(by: by)
        case .pause: pause(by: by)
        case .resume: resume(by: by)
        case .undo: undo(by: by)
        case .retire: retire(by: by)
        }
    }

    private mutating func approve(by author: String, command: OperatorCommand) {
        if case .awaitingFallback(let offer) = swap.state { return takeFallback(offer, by: author) }
        if case .awaitingUncordon(let checkpoint) = swap.state {
            return approveUpdate(checkpoint, by: author, command: command)
        }
        guard case .awaitingApproval(let checkpoint) = swap.state else {
            return ignore("\(command.rawValue) is for a swap at a checkpoint; this one is \(swap.state.name).")
        }
        if checkpoint.cause == .inconclusive && command == .approve {
            return ignore("The checks were inconclusive; `promote` goes on all the same, `rollback` goes back.")
        }
        unpause()
        // A person's time is nobody's deadline.
        extendTotalDeadline(after: checkpoint.since)
        because("\(author) passed the checkpoint (\(command.rawValue)).")
        switch checkpoint.next {
        case .promote: promote(checkpoint.replacement)
        case .stopOriginal: stopOriginal(checkpoint.replacement)
        }
    }

    private mutating func pause(by author: String) {
        guard !swap.state.isFinal else { return ignore("The swap has ended (\(swap.state.name)).") }
        guard swap.pausedAt == nil else { return ignore("The swap is paused already.") }
        swap.pausedAt = time
        because("\(author) paused the swap; deadlines stop until it is resumed.")
    }

    private mutating func resume(by author: String) {
        if swap.pausedAt != nil {
            unpause()
            return because("\(author) resumed the swap.")
        }
        guard case .needsOperator(let stoppage) = swap.state else {
            return ignore("The swap is neither paused nor in need of an operator; it is \(swap.state.name).")
        }
        because("\(author) asked to try again.")
        swap.totalDeadline = swap.totalDeadline.map { $0 + time.since(swap.enteredAt) }
        retry(stoppage.interrupted)
    }

    private mutating func undo(by author: String) {
        guard case .holding(let hold) = swap.state else {
            return ignore("undo brings a held original back; this swap is \(swap.state.name).")
        }
        unpause()
        rollBack(hold.replacement, RollbackCause(.undo, "\(author) asked for the original back."))
    }

    private mutating func retire(by author: String) {
        if case .needsOperator(let stoppage) = swap.state, let replacement = stoppage.interrupted.replacement,
            stoppage.interrupted.mayRetire
        {
            unpause()
            because("\(author) asked to go on to the end with \(replacement.id), if it serves and is healthy.")
            let hold = SwapState.Hold(replacement: replacement, until: time, confirmation: nil)
            return confirmReplacement(hold, mustBeGone: !stoppage.interrupted.hasHeld(original))
        }
        guard case .holding(let hold) = swap.state else {
            return ignore("retire ends the hold of a stopped original; this swap is \(swap.state.name).")
        }
        unpause()
        because("\(author) ended the hold.")
        confirmReplacement(hold)
    }

    private mutating func cancel(by author: String) {
        switch swap.state {
        case .planned, .preflight, .awaitingFallback:
            unpause()
            because("\(author) cancelled before anything was changed.")
            enter(.cancelled(remaining: ["\(original.id) (original, untouched)"]), within: nil)
        case .holding:
            ignore("The swap is done and holds the original; use `undo` to go back or `retire` to end the hold.")
        default: goBack(by: author, kind: .cancel)
        }
    }

    private mutating func goBack(by author: String, kind: RollbackCause.Kind) {
        let verb = kind == .cancel ? "cancel" : "rollback"
        switch swap.state {
        case .planned, .preflight, .awaitingFallback:
            ignore("Nothing was changed yet, so there is nothing to roll back; use `cancel`.")
        case .holding: ignore("The original is held; `undo` brings it back.")
        case .terminatingOriginal: ignore("The point of no return is passed: the original is being terminated.")
        case .rollingBack, .retiringReplacement: ignore("The swap is going back already (\(swap.state.name)).")
        case .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .awaitingUncordon, .uncordoning,
            .restoringSnapshot:
            goBackInPlace(by: author, kind: kind)
        case .needsOperator(let stoppage) where stoppage.interrupted.inPlace != nil:
            goBackInPlace(by: author, kind: kind)
        case .succeeded, .updated, .rolledBack, .cancelled, .refused: ignore("The swap has ended (\(swap.state.name)).")
        case .needsOperator(let stoppage):
            if case .terminatingOriginal(_, let steps) = stoppage.interrupted, steps.done > 0 {
                return ignore("The point of no return is passed: the original is being terminated.")
            }
            unpause()
            goBack(from: stoppage.interrupted, because: RollbackCause(kind, "\(author) asked for \(verb)."))
        case .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting, .baking, .stoppingOriginal:
            unpause()
            rollBackFromPresentState(RollbackCause(kind, "\(author) asked for \(verb)."))
        }
    }

    /// Goes back from where a stop for an operator interrupted; a rollback that was under way goes on, since its steps
    /// alone know what is still to be restored before the replacement may be retired.
    private mutating func goBack(from interrupted: SwapState, because cause: RollbackCause) {
        switch interrupted {
        case .rollingBack(var rollback):
            because(cause.reason)
            rollback.cause = cause
            retry(.rollingBack(rollback))
        case .retiringReplacement(var rollback):
            because(cause.reason)
            rollback.cause = cause
            retire(rollback)
        case .terminatingOriginal(let replacement, _):
            // It was not seen to be terminated: what is there of it is brought back, or the next stop says that it is gone.
            swap.state = .holding(SwapState.Hold(replacement: replacement, until: time, confirmation: nil))
            rollBackFromPresentState(cause)
        default:
            swap.state = interrupted
            rollBackFromPresentState(cause)
        }
    }

    mutating func unpause() {
        guard let pausedAt = swap.pausedAt else { return }
        swap.pausedAt = nil
        extendDeadlines(since: pausedAt)
        _ = confirmsAgain(because: "After the pause the replacement is looked at again.")
    }
}
