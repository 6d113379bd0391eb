extension SwapState {
    /// The state's name in lists, events and messages.
    public var name: String {
        switch self {
        case .planned: "planned"
        case .preflight: "preflight"
        case .launching: "launching"
        case .booting: "booting"
        case .patching: "patching"
        case .verifying: "verifying"
        case .awaitingApproval: "awaitingApproval"
        case .promoting: "promoting"
        case .baking: "baking"
        case .stoppingOriginal: "stoppingOriginal"
        case .holding: "holding"
        case .terminatingOriginal: "terminatingOriginal"
        case .succeeded: "succeeded"
        case .rollingBack: "rollingBack"
        case .retiringReplacement: "retiringReplacement"
        case .rolledBack: "rolledBack"
        case .cancelled: "cancelled"
        case .refused: "refused"
        case .needsOperator: "needsOperator"
        case .awaitingFallback, .awaitingUncordon: "awaitingApproval"
        case .cordoning: "cordoning"
        case .snapshotting: "snapshotting"
        case .updating: "updating"
        case .rebooting: "rebooting"
        case .verifyingUpdate: "verifying"
        case .uncordoning: "uncordoning"
        case .restoringSnapshot: "restoringSnapshot"
        case .updated: "succeeded"
        }
    }

    /// Whether nothing can follow.
    public var isFinal: Bool {
        switch self {
        case .succeeded, .updated, .rolledBack, .cancelled, .refused: true
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting,
            .baking, .stoppingOriginal, .holding, .terminatingOriginal, .rollingBack, .retiringReplacement,
            .needsOperator, .awaitingFallback, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate,
            .awaitingUncordon, .uncordoning, .restoringSnapshot:
            false
        }
    }

    /// The incoming instance, where the state has one.
    public var replacement: Instance? {
        switch self {
        case .planned, .preflight, .launching, .rolledBack, .cancelled, .refused, .updated,
            .awaitingFallback, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate,
            .awaitingUncordon, .uncordoning, .restoringSnapshot:
            nil
        case .booting(let replacement), .patching(let replacement, _), .verifying(let replacement),
            .promoting(let replacement, _), .baking(let replacement, _), .stoppingOriginal(let replacement, _),
            .terminatingOriginal(let replacement, _), .succeeded(let replacement):
            replacement
        case .awaitingApproval(let checkpoint): checkpoint.replacement
        case .holding(let hold): hold.replacement
        case .rollingBack(let rollback), .retiringReplacement(let rollback): rollback.replacement
        case .needsOperator(let stoppage): stoppage.interrupted.replacement
        }
    }

    /// Whether a person decides what comes next.
    public var isCheckpoint: Bool {
        switch self {
        case .awaitingApproval, .awaitingFallback, .awaitingUncordon: true
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .promoting, .baking, .stoppingOriginal,
            .holding, .terminatingOriginal, .succeeded, .rollingBack, .retiringReplacement, .rolledBack, .cancelled,
            .refused, .needsOperator, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .uncordoning,
            .restoringSnapshot, .updated:
            false
        }
    }

    /// Whether the original still runs beside the replacement, so that the two can be compared.
    public var runsBothInstances: Bool {
        switch self {
        case .verifying, .awaitingApproval, .promoting, .baking: true
        case .planned, .preflight, .launching, .booting, .patching, .stoppingOriginal, .holding, .terminatingOriginal,
            .succeeded, .rollingBack, .retiringReplacement, .rolledBack, .cancelled, .refused, .needsOperator, .updated,
            .awaitingFallback, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate,
            .awaitingUncordon, .uncordoning, .restoringSnapshot:
            false
        }
    }

    /// Whether the deadline of the whole swap runs in this state: not while a person decides, nor on the way back.
    var countsAgainstTotal: Bool {
        switch self {
        case .preflight, .launching, .booting, .patching, .verifying, .promoting, .baking, .stoppingOriginal,
            .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate:
            true
        case .uncordoning(let inPlace): inPlace.cause == nil
        case .planned, .awaitingApproval, .awaitingFallback, .awaitingUncordon, .restoringSnapshot, .updated, .holding,
            .terminatingOriginal, .succeeded, .rollingBack,
            .retiringReplacement, .rolledBack, .cancelled, .refused, .needsOperator:
            false
        }
    }

    /// What the driver shall be doing in this state, timers apart.
    var effects: [SwapEffect] {
        switch self {
        case .planned, .succeeded, .rolledBack, .cancelled, .refused, .needsOperator, .awaitingApproval,
            .awaitingFallback, .awaitingUncordon, .updated:
            []
        case .cordoning(let inPlace), .snapshotting(let inPlace), .updating(let inPlace), .rebooting(let inPlace),
            .verifyingUpdate(let inPlace), .uncordoning(let inPlace), .restoringSnapshot(let inPlace):
            inPlace.steps.effects
        case .preflight: [.preflight]
        case .launching(let call): [.perform(call)]
        case .booting(let replacement): [.observe(.running(replacement.id))]
        case .patching(let replacement, let firstBootFinished):
            [.observe(firstBootFinished ? .fullyPatched(replacement.id) : .firstBootFinished(replacement.id))]
        case .verifying: [.assess(.verification)]
        case .baking(_, let watch): [.assess(watch)]
        case .promoting(_, let steps), .stoppingOriginal(_, let steps), .terminatingOriginal(_, let steps):
            steps.effects
        case .holding(let hold): hold.confirmation?.effects ?? []
        case .rollingBack(let rollback), .retiringReplacement(let rollback): rollback.steps.effects
        }
    }
}

extension Assessment {
    /// The checks on the replacement that decide about promote.
    static let verification = Assessment(subject: .replacement, phase: .verify, length: .untilVerdict)

    /// The checks on an updated original that decide whether it gets its traffic back.
    static let updateVerification = Assessment(subject: .original, phase: .verify, length: .untilVerdict)

    /// The checks on an original that was brought back to its snapshot, until they have a verdict, since it has just
    /// booted.
    static let restored = Assessment(subject: .original, phase: .rollback, length: .untilVerdict)

    /// The checks on the replacement while it serves; the baseline length for a bake of no time is one measurement.
    static func bake(for span: Span) -> Assessment {
        Assessment(subject: .replacement, phase: .bake, length: span > .zero ? .watch(span) : .once)
    }
}
