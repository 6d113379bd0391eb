/// What is left to patch on a machine, as its own package manager says.
public struct PatchStatus: Sendable, Hashable, Codable {
    /// Updates that are available and not installed.
    public var pending: [PendingUpdate]
    /// Packages that the machine's administrator holds back.
    public var held: [String]
    /// Complaints of the package manager about its own state (`dpkg --audit`); empty when clean.
    public var auditFindings: [String]
    /// Whether a reboot is needed; `nil` when the machine cannot tell.
    public var rebootRequired: Bool?

    /// Creates a patch status.
    public init(
        pending: [PendingUpdate], held: [String] = [], auditFindings: [String] = [], rebootRequired: Bool? = nil
    ) {
        self.pending = pending
        self.held = held
        self.auditFindings = auditFindings
        self.rebootRequired = rebootRequired
    }
}
