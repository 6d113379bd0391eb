/// What "fully patched" shall mean for a machine.
public struct PatchPolicy: Sendable, Hashable, Codable {
    /// Which updates count.
    public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
        /// Every available update.
        case all
        /// Security updates only.
        case security
        /// Nothing is installed and nothing is asked: the image is taken as it was built.
        case none
    }

    /// What to do when an update asks for a reboot.
    public enum Reboot: String, Sendable, Hashable, Codable, CaseIterable {
        /// Reboot when an update requires it.
        case ifRequired = "if-required"
        /// Never reboot; a pending reboot then fails verification.
        case never
    }

    /// Which updates count.
    public var scope: Scope
    /// Whether Rubygems are updated too.
    public var gems: Bool
    /// What to do when an update asks for a reboot.
    public var reboot: Reboot

    /// Creates a patch policy.
    public init(scope: Scope = .all, gems: Bool = false, reboot: Reboot = .ifRequired) {
        self.scope = scope
        self.gems = gems
        self.reboot = reboot
    }
}
