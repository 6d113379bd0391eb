/// How the original is updated in place, when that is the strategy or the fallback.
public struct UpdatePlan: Sendable, Hashable, Codable {
    /// What is installed and whether the machine may be rebooted.
    public var patch: PatchPolicy
    /// Whether the provider takes a snapshot before the update, which makes the update undoable.
    public var takesSnapshot: Bool
    /// Whether the original may leave a router that has no other healthy member.
    public var mayInterrupt: Bool

    /// Creates the plan of an update.
    public init(patch: PatchPolicy, takesSnapshot: Bool, mayInterrupt: Bool = false) {
        self.patch = patch
        self.takesSnapshot = takesSnapshot
        self.mayInterrupt = mayInterrupt
    }
}
