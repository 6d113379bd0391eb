/// What can go wrong in a simulated world; the raw value is what `rehearse --fault` calls it.
public enum SimulatedFault: String, Sendable, Hashable, CaseIterable {
    // The way to cloud and routers.
    /// The request never arrives; the connection is reset.
    case lostRequest = "lost-request"
    /// The request takes effect; its answer is lost.
    case lostAnswer = "lost-answer"
    /// The request arrives twice.
    case duplicate
    /// The answer takes longer than a call may.
    case slowAnswer = "slow-answer"
    /// The answer is cut off in the middle.
    case garbledAnswer = "garbled-answer"
    /// Nothing answers for a while.
    case outage
    // The cloud.
    /// The account's request budget is spent.
    case throttle
    /// The credentials have expired, for a while.
    case expiredCredentials = "expired-credentials"
    /// Reads lag behind what has happened.
    case staleReads = "stale-reads"
    /// No room for the replacement.
    case capacity
    /// An account's limit is reached.
    case quota
    /// Somebody protects the instance against termination.
    case protection
    /// Somebody else's tool changes an ownership tag.
    case foreignTag = "foreign-tag"
    // The machines.
    /// Booting takes many times as long.
    case slowBoot = "slow-boot"
    /// The replacement stays pending.
    case stuckBoot = "stuck-boot"
    /// First boot ends with an error.
    case failedBoot = "failed-boot"
    /// Updates are left after first boot.
    case unpatched
    /// The replacement fails its checks from now on.
    case failingCheck = "failing-check"
    /// The replacement fails for a moment and recovers.
    case flappingCheck = "flapping-check"
    /// The checks pass with warnings.
    case warningCheck = "warning-check"
    /// The checks cannot be measured from our side.
    case unmeasurableCheck = "unmeasurable-check"
    /// Somebody else terminates the replacement.
    case vanishedReplacement = "vanished-replacement"
    /// The original's service dies.
    case sickOriginal = "sick-original"
    /// Somebody else terminates the original.
    case vanishedOriginal = "vanished-original"
    /// A stop or an end takes very long.
    case slowStop = "slow-stop"
    // The routers.
    /// A router does not answer for a while.
    case routerOutage = "router-outage"
    /// A router refuses a change.
    case routerRefusal = "router-refusal"
    /// A router takes long to see a member healthy.
    case slowRouterHealth = "slow-router-health"
    /// A change reaches only part of the router for a while.
    case partialShift = "partial-shift"
    // The clock of the machine that drives.
    /// The wall clock jumps ahead.
    case clockForward = "clock-forward"
    /// The wall clock jumps back.
    case clockBack = "clock-back"
    // The store.
    /// The disk is full; nothing is written.
    case diskFull = "disk-full"
    /// The record is written, and the sync reports an error.
    case failedSync = "failed-sync"
    /// Writing takes very long.
    case slowStore = "slow-store"
    // The processes that drive.
    /// The process is asked to stop, as Ctrl-C does.
    case interrupt
    /// The process dies at any moment.
    case crash
    /// The process dies just before a record is written.
    case crashBeforeWrite = "crash-before-write"
    /// The process dies just after a record is written.
    case crashAfterWrite = "crash-after-write"
    /// The process stands still for longer than its lease, and another takes over.
    case stall
    /// A second process wants to drive at the same time.
    case rival
}
