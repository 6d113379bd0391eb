/// What is installed and running on a machine; two of these make the comparison of original and replacement.
public struct MachineFacts: Sendable, Hashable, Codable {
    /// Installed packages with their versions.
    public var packages: [String: String]
    /// The running kernel's release.
    public var kernel: String
    /// The id of the present boot, which changes with every reboot; `nil` when the machine has none of its own.
    public var bootID: String?
    /// Listening sockets as `protocol/port`.
    public var listeningPorts: [String]
    /// Active service units.
    public var units: [String]
    /// Mount points with their file-system type.
    public var mounts: [String]
    /// Names of the user accounts.
    public var users: [String]
    /// How the packages' versions are ordered.
    ///
    /// `nil` in facts of a version that knew Debian's packages alone.
    public var packageFormat: PackageFormat?

    /// The package managers' own formats, which order versions differently.
    public enum PackageFormat: String, Sendable, Hashable, Codable {
        /// Debian's and Ubuntu's.
        case deb
        /// That of RHEL and its family.
        case rpm
    }

    /// Creates a machine's facts.
    public init(
        packages: [String: String], kernel: String, bootID: String?, listeningPorts: [String], units: [String],
        mounts: [String], users: [String], packageFormat: PackageFormat? = nil
    ) {
        self.packages = packages
        self.kernel = kernel
        self.bootID = bootID
        self.listeningPorts = listeningPorts
        self.units = units
        self.mounts = mounts
        self.users = users
        self.packageFormat = packageFormat
    }
}
