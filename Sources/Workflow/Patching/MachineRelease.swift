/// The distribution's release that a machine runs, and how long it gets updates.
///
/// After its end no more updates appear, so that a machine which lacks many looks fully patched.
public struct MachineRelease: Sendable, Hashable, Codable {
    /// The release as its distribution calls it, such as `Debian GNU/Linux 12 (bookworm)`.
    public var name: String
    /// The last day of support, as `2028-06-30`; `nil` when it is not known.
    public var supportEnds: String?

    /// Creates a release.
    public init(name: String, supportEnds: String?) {
        self.name = name
        self.supportEnds = supportEnds
    }
}
