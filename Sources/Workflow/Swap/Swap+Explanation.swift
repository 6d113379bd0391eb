extension Swap {
    /// What is true now, in one or two sentences for an operator.
    public var explanation: String {
        let original = plan.original.id
        let text = sentence(original: original)
        return pausedAt == nil ? text : "Paused. " + text
    }

    private func sentence(original: InstanceID) -> String {
        switch state {
        case .planned: "The plan is recorded; nothing was done yet."
        case .preflight: "Live state is being read and \(original) checked; nothing was changed."
        case .launching: "The replacement is being launched; \(original) serves."
        case .booting(let replacement): "\(replacement.id) is booting; \(original) serves."
        case .patching(let replacement, let booted):
            "\(replacement.id) \(booted ? "is asked whether anything is left to patch" : "installs its updates"); "
                + "\(original) serves."
        case .verifying(let replacement): "\(replacement.id) is fully patched and being checked; \(original) serves."
        case .awaitingApproval(let checkpoint): checkpointSentence(checkpoint, original: original)
        case .promoting(let replacement, let steps):
            "Traffic moves from \(original) to \(replacement.id): step \(min(steps.done + 1, steps.steps.count)) of "
                + "\(steps.steps.count)\(steps.present.map { ", \($0.summary)" } ?? "")."
        case .baking(let replacement, _): "\(replacement.id) serves and is watched; \(original) runs out of rotation."
        case .stoppingOriginal(let replacement, _): "\(replacement.id) serves; \(original) is being stopped."
        case .holding(let hold): "\(hold.replacement.id) serves; \(original) is stopped and can be brought back."
        case .terminatingOriginal(let replacement, _): "\(replacement.id) serves; \(original) is being terminated."
        case .succeeded(let replacement): "\(replacement.id) serves; \(original) is gone."
        case .rollingBack(let rollback): "Going back to \(original): \(rollback.cause.reason)"
        case .retiringReplacement(let rollback):
            "\(original) serves; the replacement's evidence is saved and it is retired: \(rollback.cause.reason)"
        case .awaitingFallback, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .awaitingUncordon,
            .uncordoning, .restoringSnapshot, .updated:
            inPlaceSentence(original: original)
        case .rolledBack(let cause, _) where strategy == .inPlace:
            "\(original) serves as before the update. \(cause.reason)"
        case .rolledBack(let cause, let kept):
            "\(original) serves\(kept.map { "; \($0) was kept to be looked at" } ?? ", the replacement is gone"). "
                + cause.reason
        case .cancelled(let remaining): "Cancelled. Left: \(remaining.joined(separator: ", "))."
        case .refused(let findings):
            "Refused before anything was changed: \(findings.map(\.message).joined(separator: " "))"
        case .needsOperator(let stoppage):
            "\(stoppage.problem). Nothing more is done until you decide. \(stoppage.remedy)"
        }
    }

    private func checkpointSentence(_ checkpoint: SwapState.Checkpoint, original: InstanceID) -> String {
        let next = checkpoint.next == .promote ? "move traffic to it" : "stop \(original)"
        switch checkpoint.cause {
        case .policy: return "\(checkpoint.replacement.id) is healthy; a person decides whether to \(next)."
        case .warning:
            return "\(checkpoint.replacement.id) passed with warnings; a person decides whether to \(next)."
        case .inconclusive:
            return "The checks on \(checkpoint.replacement.id) were inconclusive; both instances are held until a "
                + "person decides whether to \(next), or the deadline passes and the swap goes back."
        }
    }

    /// The present step of a state that is a sequence, such as `step 3 of 6: drain web-1 on haproxy:web`.
    public var presentStep: String? {
        guard let steps = state.steps, let present = steps.present else { return nil }
        return "step \(steps.done + 1) of \(steps.steps.count): \(present.summary)"
    }

    /// The commands that are legal now, most useful first.
    public var nextCommands: [String] {
        let order: [OperatorCommand] = [
            .approve, .promote, .resume, .undo, .retire, .rollback, .pause, .cancel,
        ]
        return order.filter { refusal(of: $0) == nil }.map { "changeover \($0.rawValue) \(id)" }
    }
}
