/// What is left to patch on a machine, as its own package manager says.
///
/// Parts that are `nil` were not asked for, or the record is older than they are: nothing is known of them.
public struct PatchStatus: Sendable, Hashable, Codable {
    /// Updates that are available and not installed.
    public var pending: [PendingUpdate]
    /// Packages that the machine's administrator holds back.
    public var held: [String]
    /// Updates that wait only because their package is held back.
    public var heldUpdates: [PendingUpdate]?
    /// Complaints of the package manager about its own state (`dpkg --audit`, `dnf check`); empty when clean.
    public var auditFindings: [String]
    /// Whether a reboot is needed; `nil` when the machine cannot tell.
    public var rebootRequired: Bool?
    /// Units of the service manager that have failed.
    public var failedUnits: PatchPart<[String]>?
    /// Services that still run what updates have replaced.
    public var staleServices: PatchPart<[String]>?
    /// How cloud-init's work of the present boot stands.
    public var cloudInit: PatchPart<CloudInitResult>?
    /// Rubygems with a newer version.
    public var gems: PatchPart<[PendingUpdate]>?
    /// The release that the machine runs.
    public var release: MachineRelease?

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
