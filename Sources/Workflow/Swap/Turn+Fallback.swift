extension Turn {
    /// Goes over to an update in place, or asks whether to; `false` where that is no answer to what stands in the way.
    mutating func offersFallback(for obstacles: [PreflightFinding]) -> Bool {
        guard swap.strategy == .blueGreen, let fallback = swap.plan.fallback else { return false }
        let triggers = obstacles.map(\.fallbackTrigger)
        var found: [FallbackPolicy.Trigger] = []
        for trigger in triggers {
            guard let trigger, fallback.triggers.contains(trigger) else {
                let words = fallback.triggers.map(\.rawValue).joined(separator: ", ")
                because("The fallback to an update in place is not taken: it answers \(words) only.")
                return false
            }
            if !found.contains(trigger) { found.append(trigger) }
        }
        let words = found.map(\.rawValue).joined(separator: ", ")
        switch fallback.approval {
        case .auto:
            because("Blue-green cannot be attempted (\(words)), so the original is updated in place.")
            updateInPlace()
        case .ask:
            because("Blue-green cannot be attempted (\(words)); a person decides whether to update in place.")
            let reason = obstacles.map(\.message).joined(separator: " ")
            enter(
                .awaitingFallback(SwapState.FallbackOffer(triggers: found, reason: reason, since: time)), within: nil)
        }
        return true
    }

    mutating func takeFallback(_ offer: SwapState.FallbackOffer, by author: String) {
        unpause()
        extendTotalDeadline(after: offer.since)
        because("\(author) chose the update in place.")
        updateInPlace()
    }

    /// Begins again with preflight, which now looks at what an update in place needs.
    private mutating func updateInPlace() {
        swap.strategy = .inPlace
        enter(.preflight, within: policy.deadlines.preflight)
    }

    /// Says why a swap with a fallback goes back and does not take it.
    mutating func explainAbsentFallback(after cause: RollbackCause, replacement: Instance?) {
        guard swap.plan.fallback != nil, replacement != nil else { return }
        switch cause.kind {
        case .failure, .deadline:
            because(
                "The fallback to an update in place is not taken after a replacement was launched: what breaks the "
                    + "replacement would break the original too.")
        case .operatorRollback, .undo, .cancel: break
        }
    }
}
