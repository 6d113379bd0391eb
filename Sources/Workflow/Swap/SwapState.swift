/// Where a swap stands; each case says what is true in it and which may follow.
///
/// From every case before `terminatingOriginal` a failure or the operator's `rollback` leads to `rollingBack`, and
/// from every live case a failure that nothing safe can answer leads to `needsOperator`.
public indirect enum SwapState: Sendable, Hashable, Codable {
    /// The plan is recorded and nothing was done. Next: `preflight`, `cancelled`.
    case planned
    /// Live state is being read and the original checked; nothing was changed. Next: `launching`, `refused`, `cancelled`.
    case preflight
    /// The launch call is under way: there may or may not be a replacement. Next: `booting`, `rollingBack`.
    case launching(Call)
    /// A replacement exists and is not up yet; the original serves. Next: `patching`, `rollingBack`.
    case booting(replacement: Instance)
    /// The replacement runs its first boot and installs updates. Next: `verifying`, `rollingBack`.
    case patching(replacement: Instance, firstBootFinished: Bool)
    /// The replacement is fully patched and being checked. Next: `awaitingApproval`, `promoting`, `rollingBack`.
    case verifying(replacement: Instance)
    /// Both instances are held until a person decides. Next: `promoting` or `stoppingOriginal`, `rollingBack`.
    case awaitingApproval(Checkpoint)
    /// Traffic is being moved; original and replacement may both serve. Next: `baking`, `rollingBack`.
    case promoting(replacement: Instance, steps: StepSequence)
    /// The replacement serves and is watched; the original runs out of rotation. Next: `stoppingOriginal`,
    /// `awaitingApproval`, `rollingBack`.
    case baking(replacement: Instance, watch: Assessment)
    /// The original is being stopped. Next: `holding`, `rollingBack`.
    case stoppingOriginal(replacement: Instance, steps: StepSequence)
    /// The original is stopped and can be brought back. Next: `terminatingOriginal`, `rollingBack` by `undo`.
    case holding(Hold)
    /// Past the point of no return: the original is being terminated. Next: `succeeded`; `holding` for one more look
    /// when the driver changed, a pause ended or the last look has become old before the original was seen to be gone.
    case terminatingOriginal(replacement: Instance, steps: StepSequence)
    /// The replacement serves and the original is gone. Final.
    case succeeded(replacement: Instance)
    /// The ledger is being reversed towards the original. Next: `retiringReplacement`, `rolledBack`, `cancelled`.
    case rollingBack(Rollback)
    /// The original serves; evidence is saved and the replacement is retired. Next: `rolledBack`, `cancelled`.
    case retiringReplacement(Rollback)
    /// The original serves and the replacement is gone, or kept when the plan says so. Final.
    case rolledBack(cause: RollbackCause, kept: InstanceID?)
    /// An operator cancelled; the original serves, `remaining` names what is left running. Final.
    case cancelled(remaining: [String])
    /// Preflight found obstacles, or the launch itself was refused; nothing was changed. Final.
    case refused([PreflightFinding])
    /// Blue-green cannot be attempted; a person decides whether to update in place. Next: `preflight`, `cancelled`.
    case awaitingFallback(FallbackOffer)
    /// The original is being taken out of rotation to be updated in place. Next: `snapshotting`, `updating`,
    /// `uncordoning`.
    case cordoning(InPlace)
    /// The original gets no work, and its snapshot is being taken. Next: `updating`, `uncordoning`.
    case snapshotting(InPlace)
    /// The original installs updates by itself. Next: `rebooting`, `verifyingUpdate`, `restoringSnapshot`, `uncordoning`.
    case updating(InPlace)
    /// The updated original is being rebooted. Next: `verifyingUpdate`, `restoringSnapshot`.
    case rebooting(InPlace)
    /// The updated original is being checked, out of rotation. Next: `awaitingUncordon`, `uncordoning`,
    /// `restoringSnapshot`.
    case verifyingUpdate(InPlace)
    /// The updated original is held out of rotation until a person decides. Next: `uncordoning`, `restoringSnapshot`.
    case awaitingUncordon(UpdateCheckpoint)
    /// The original is getting its traffic back, updated or as it was. Next: `updated`, `restoringSnapshot`,
    /// `rolledBack`, `cancelled`.
    case uncordoning(InPlace)
    /// The original is being brought back to its snapshot. Next: `uncordoning`.
    case restoringSnapshot(InPlace)
    /// The original serves and is updated. Final.
    case updated(UpdateResult)
    /// Stopped safely: nothing was destroyed. Next: by `resume` the interrupted case again; `rollingBack`.
    case needsOperator(Stoppage)

    /// What a swap at a checkpoint knows.
    public struct Checkpoint: Sendable, Hashable, Codable {
        /// Why a person is asked.
        public enum Cause: String, Sendable, Hashable, Codable {
            /// The playbook asks for approval.
            case policy
            /// Checks passed with warnings.
            case warning
            /// Checks could not be measured well enough.
            case inconclusive
        }

        /// What approval leads to.
        public enum Next: String, Sendable, Hashable, Codable {
            /// Moving traffic to the replacement.
            case promote
            /// Stopping the original.
            case stopOriginal
        }

        /// The incoming instance.
        public var replacement: Instance
        /// Why a person is asked.
        public var cause: Cause
        /// What approval leads to.
        public var next: Next
        /// Since when the swap waits.
        public var since: WallTime
    }

    /// What a swap in its hold knows.
    public struct Hold: Sendable, Hashable, Codable {
        /// The incoming instance, which serves.
        public var replacement: Instance
        /// When the hold ends.
        public var until: WallTime
        /// The last look at the replacement before the original is terminated; `nil` while the hold lasts.
        public var confirmation: StepSequence?
    }

    /// A rollback under way.
    public struct Rollback: Sendable, Hashable, Codable {
        /// The incoming instance; `nil` when none was ever launched.
        public var replacement: Instance?
        /// Why the swap goes back.
        public var cause: RollbackCause
        /// The steps that are under way: first the inverse ones, then those that retire the replacement.
        public var steps: StepSequence
        /// The inverse steps, to be repeated when an operator resumes a stopped rollback: meanwhile a late change may
        /// have given the replacement traffic again.
        public var inverse: [SwapStep]
    }

    /// Why a swap needs an operator.
    public struct Stoppage: Sendable, Hashable, Codable {
        /// What went wrong.
        public var problem: String
        /// Exactly what to do.
        public var remedy: String
        /// Where `resume` goes on.
        public var interrupted: SwapState
    }
}

/// Why a swap goes back to its original.
public struct RollbackCause: Sendable, Hashable, Codable {
    /// The kinds of cause.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Something failed.
        case failure
        /// A deadline passed.
        case deadline
        /// An operator asked for a rollback.
        case operatorRollback
        /// An operator brought the held original back.
        case undo
        /// An operator cancelled.
        case cancel
    }

    /// The kind of cause.
    public var kind: Kind
    /// The cause in one sentence.
    public var reason: String

    /// Creates a cause.
    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
