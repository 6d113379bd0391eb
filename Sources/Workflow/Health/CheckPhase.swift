/// When in a swap a check takes part.
public enum CheckPhase: String, Sendable, Hashable, Codable, CaseIterable {
    /// On the original, before anything is launched.
    case baseline
    /// On the replacement, before promote.
    case verify
    /// On the replacement, after promote.
    case bake
    /// On the original, after a rollback.
    case rollback
}
