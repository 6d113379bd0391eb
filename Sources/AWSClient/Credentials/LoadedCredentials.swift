internal import Workflow

/// Credentials as a source gave them.
struct LoadedCredentials: Sendable, Equatable {
    var credentials: AWSCredentials
    /// When they expire; `nil` for never.
    var expiry: WallTime?
    /// Whether the source may give others later: everything but the environment.
    var canRenew: Bool
}
