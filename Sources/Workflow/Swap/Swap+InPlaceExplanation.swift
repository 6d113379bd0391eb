extension Swap {
    /// What is true now in a state of an update in place.
    func inPlaceSentence(original: InstanceID) -> String {
        switch state {
        case .awaitingFallback(let offer):
            "Blue-green cannot be attempted: \(offer.reason) Nothing was changed; a person decides whether \(original) is "
                + "updated in place."
        case .cordoning: "\(original) is being taken out of rotation, to be updated in place."
        case .snapshotting: "\(original) is out of rotation; its snapshot is being taken."
        case .updating: "\(original) is out of rotation and installs its updates."
        case .rebooting: "\(original) is updated and out of rotation, and is being rebooted."
        case .verifyingUpdate: "\(original) is updated and out of rotation, and is being checked."
        case .awaitingUncordon(let checkpoint):
            checkpoint.cause == .inconclusive
                ? "The checks on the updated \(original) were inconclusive; it is held out of rotation until a person "
                    + "decides, or the deadline passes and it goes back."
                : "The updated \(original) passed with warnings; a person decides whether it gets its traffic back."
        case .uncordoning(let inPlace):
            inPlace.cause.map { "\(original) is as before the update and gets its traffic back: \($0.reason)" }
                ?? "\(original) is updated and healthy, and gets its traffic back."
        case .restoringSnapshot(let inPlace):
            "\(original) is out of rotation and is brought back to its snapshot: \(inPlace.cause?.reason ?? "")"
        case .updated(let result):
            result.changes.isEmpty
                ? "\(original) serves; it had nothing to update."
                : "\(original) serves, updated in place: \(result.changes.count) packages changed."
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting, .baking,
            .stoppingOriginal, .holding, .terminatingOriginal, .succeeded, .rollingBack, .retiringReplacement,
            .rolledBack, .cancelled, .refused, .needsOperator:
            ""
        }
    }
}
