extension SwapState {
    /// What an update in place knows.
    public struct InPlace: Sendable, Hashable, Codable {
        /// The steps that are under way.
        public var steps: StepSequence
        /// Which attempt at the update this is, from 1; an operator's `resume` after a failed one begins the next.
        public var attempt = 1
        /// How often a call whose effect was missing was made again in the present state.
        public var repetitions = 0
        /// Whether there may be a snapshot.
        public var mayHaveSnapshot = false
        /// Whether a complete snapshot leads back: from before the update until the snapshot is being deleted.
        public var isUndoable = false
        /// Whether an update may have begun.
        public var mayHaveUpdated = false
        /// What the update did, once it has ended.
        public var result: UpdateResult?
        /// Why the swap goes back; `nil` on its way forward.
        public var cause: RollbackCause?

        init(steps: StepSequence) {
            self.steps = steps
        }
    }

    /// What a swap knows whose updated original waits for a person.
    public struct UpdateCheckpoint: Sendable, Hashable, Codable {
        /// The update.
        public var inPlace: InPlace
        /// Why a person is asked.
        public var cause: Checkpoint.Cause
        /// Since when the swap waits.
        public var since: WallTime
    }

    /// What a swap knows that could go on in place only.
    public struct FallbackOffer: Sendable, Hashable, Codable {
        /// Why blue-green cannot be attempted.
        public var triggers: [FallbackPolicy.Trigger]
        /// The same in words.
        public var reason: String
        /// Since when the swap waits.
        public var since: WallTime
    }

    /// The update in place, in a state that is part of one.
    public internal(set) var inPlace: InPlace? {
        get {
            switch self {
            case .cordoning(let inPlace), .snapshotting(let inPlace), .updating(let inPlace), .rebooting(let inPlace),
                .verifyingUpdate(let inPlace), .uncordoning(let inPlace), .restoringSnapshot(let inPlace):
                inPlace
            case .awaitingUncordon(let checkpoint): checkpoint.inPlace
            case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting,
                .baking, .stoppingOriginal, .holding, .terminatingOriginal, .succeeded, .rollingBack,
                .retiringReplacement, .rolledBack, .cancelled, .refused, .needsOperator, .awaitingFallback, .updated:
                nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .cordoning: self = .cordoning(newValue)
            case .snapshotting: self = .snapshotting(newValue)
            case .updating: self = .updating(newValue)
            case .rebooting: self = .rebooting(newValue)
            case .verifyingUpdate: self = .verifyingUpdate(newValue)
            case .uncordoning: self = .uncordoning(newValue)
            case .restoringSnapshot: self = .restoringSnapshot(newValue)
            case .planned, .preflight, .launching, .booting, .patching, .verifying, .awaitingApproval, .promoting,
                .baking, .stoppingOriginal, .holding, .terminatingOriginal, .succeeded, .rollingBack,
                .retiringReplacement, .rolledBack, .cancelled, .refused, .needsOperator, .awaitingFallback,
                .awaitingUncordon, .updated:
                break
            }
        }
    }
}
