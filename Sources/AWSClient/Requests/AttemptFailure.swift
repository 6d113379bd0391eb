internal import Workflow

/// Why one attempt of a call failed, and whether the client may repeat it.
struct AttemptFailure: Sendable {
    var error: AWSError
    /// Whether repeating is allowed: the cause may pass, and the attempt had no effect or a harmless one.
    var mayRepeat: Bool
    /// Whether the service may have acted on the attempt, whatever its answer was or would have been.
    var mayHaveActed = false
    /// Whether it waited in vain, which weighs more in the retry quota.
    var isTimeout = false
    /// The service's time, if it said.
    var date: WallTime?
}
