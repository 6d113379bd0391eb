/// What `changeover.yaml` says about reaching instances by SSH.
public struct SSHConfiguration: Sendable, Hashable {
    /// Where the host keys that are believed come from.
    public enum HostKeys: Sendable, Hashable {
        /// A file in the format of `known_hosts`; the user's own where it is left out.
        case knownHosts(String?)
        /// What the instance printed on its console at first boot.
        case console
        /// An authority: its public key, or the file that holds it.
        case certificateAuthority(String)
    }

    /// The user to log in as.
    public var user: String
    /// The private key's file; the agent's keys where it is left out.
    public var identityFile: String?
    /// Where the host keys that are believed come from.
    public var hostKeys: HostKeys
    /// The port, 1 to 65,535.
    public var port: Int
    /// A host to go through, or several with commas.
    public var jumpHost: String?
    /// Whether commands are run by `sudo`.
    public var usesSudo: Bool

    /// Creates a configuration.
    public init(
        user: String, identityFile: String? = nil, hostKeys: HostKeys = .knownHosts(nil), port: Int = 22,
        jumpHost: String? = nil, usesSudo: Bool = true
    ) {
        self.user = user
        self.identityFile = identityFile
        self.hostKeys = hostKeys
        self.port = port
        self.jumpHost = jumpHost
        self.usesSudo = usesSudo
    }
}
