extension Swap {
    /// Decides what follows from an event: a pure function of this swap, the event and its time.
    ///
    /// An event that does not concern the present state is not accepted and changes nothing but `updatedAt`.
    public func decide(_ event: SwapEvent, at time: WallTime) -> SwapDecision {
        var turn = Turn(self, at: time)
        turn.swap.updatedAt = max(updatedAt, time)
        switch event {
        case .created: turn.ignore("the swap exists already")
        case .driven(let holder): turn.driven(by: holder, lastActive: updatedAt)
        case .operatorRequested(let request): turn.operatorRequested(request)
        case .timerFired(let timer, let seen): turn.timerFired(timer, seen: seen)
        case .preflightCompleted, .callSucceeded, .callFailed, .observed, .observationFailed, .effectMissing,
            .updateEnded, .assessed, .evidenceSaved:
            turn.progressed(event)
        }
        return turn.decision
    }

    /// Whether `command` is legal now; otherwise why not and what is.
    public func refusal(of command: OperatorCommand) -> String? {
        let decision = decide(.operatorRequested(OperatorRequest(command: command, author: "")), at: updatedAt)
        return decision.isAccepted ? nil : decision.reasons.joined(separator: " ")
    }
}

/// One run of `decide`: the swap under change with the reasons given so far.
struct Turn {
    var swap: Swap
    let time: WallTime
    private(set) var reasons: [String] = []
    private(set) var isAccepted = true

    init(_ swap: Swap, at time: WallTime) {
        self.swap = swap
        self.time = time
    }

    var policy: SwapPolicy { swap.plan.policy }
    var original: Instance { swap.plan.original }

    /// The swap with its newly issued calls, for the journal.
    var decision: SwapDecision {
        var result = swap
        var intents: [Call] = []
        if result.pausedAt == nil {
            for case .perform(let call) in result.effects where call.number > result.lastIssuedCallNumber {
                intents.append(call)
                result.lastIssuedCallNumber = call.number
            }
        }
        return SwapDecision(swap: result, reasons: reasons, intents: intents, isAccepted: isAccepted)
    }

    mutating func because(_ reason: String) {
        reasons.append(reason)
    }

    mutating func ignore(_ reason: String) {
        isAccepted = false
        reasons.append(reason)
    }

    /// Enters a state with the deadline that it may take, or none.
    mutating func enter(_ state: SwapState, within span: Span?) {
        swap.state = state
        swap.enteredAt = time
        swap.deadline = span.map { time + $0 }
    }

    /// Starts a sequence with the next free call numbers.
    mutating func sequence(_ steps: [SwapStep]) -> StepSequence {
        StepSequence(steps, lastCallNumber: &swap.lastCallNumber)
    }

    /// Moves both deadlines by the time since `start`, which does not count.
    ///
    /// The deadline of a state entered meanwhile moves by the time since then. The deadline of the whole swap does not
    /// move here at a checkpoint: passing it does that, for all of the time there.
    mutating func extendDeadlines(since start: WallTime) {
        guard time > start else { return }
        swap.deadline = swap.deadline.map { $0 + time.since(max(start, swap.enteredAt)) }
        if swap.state.isCheckpoint { return }
        swap.totalDeadline = swap.totalDeadline.map { $0 + time.since(start) }
    }

    /// Moves the deadline of the whole swap by the time that a person took at a checkpoint.
    mutating func extendTotalDeadline(after start: WallTime) {
        guard time > start else { return }
        swap.totalDeadline = swap.totalDeadline.map { $0 + time.since(start) }
    }

    mutating func driven(by holder: LeaseHolder, lastActive: WallTime) {
        if swap.state == .planned {
            because("\(holder) starts the swap with preflight.")
            swap.totalDeadline = time + policy.deadlines.total
            enter(.preflight, within: policy.deadlines.preflight)
            return
        }
        // While paused, the pause itself is what stops the deadlines; at a checkpoint nobody drives by nature, and the
        // deadline, where there is one, is for the person who decides.
        if swap.state.isCheckpoint {
            because("\(holder) takes the swap up at its checkpoint.")
            return
        }
        if swap.pausedAt == nil { extendDeadlines(since: lastActive) }
        because("\(holder) takes the swap up in \(swap.state.name); the time nobody drove does not count.")
        _ = confirmsAgain(because: "The original was not seen to be terminated, so the replacement is looked at again.")
    }
}
