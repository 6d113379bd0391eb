/// How instances are reached with the OpenSSH client.
public struct SSHSettings: Sendable, Hashable {
    /// The user to log in as; its login shell must be a POSIX shell.
    public var user: String
    /// Path of the private key, the only one then tried; `nil` for the agent's and OpenSSH's own defaults.
    public var identityFile: String?
    /// Where the host keys that are believed come from.
    public var hostKeys: SSHHostKeys
    /// The port of the SSH server, 1 to 65,535.
    public var port: Int
    /// The host to go through, or several with commas between, as `ssh -J` takes them.
    ///
    /// What is not said here, such as their users and keys, comes from OpenSSH's own configuration.
    public var jumpHost: String?
    /// Whether commands are run by `sudo -n`, which must not ask for a password.
    public var usesSudo: Bool

    /// Creates settings.
    public init(
        user: String, identityFile: String? = nil, hostKeys: SSHHostKeys = .knownHosts(nil), port: Int = 22,
        jumpHost: String? = nil, usesSudo: Bool = false
    ) {
        self.user = user
        self.identityFile = identityFile
        self.hostKeys = hostKeys
        self.port = port
        self.jumpHost = jumpHost
        self.usesSudo = usesSudo
    }
}

/// Where the host keys of instances that are believed come from; all others are refused.
public enum SSHHostKeys: Sendable, Hashable {
    /// A file in the format of OpenSSH's `known_hosts`, the only one then used; `nil` for OpenSSH's own files.
    case knownHosts(String?)
    /// What the instance printed on its console at first boot, as cloud-init does.
    ///
    /// It is pinned at the first connection, in a file for that instance, and never replaced.
    case console
    /// An authority that signs host keys: its public keys as text, or the path of a file that holds them.
    case certificateAuthority(String)
}
