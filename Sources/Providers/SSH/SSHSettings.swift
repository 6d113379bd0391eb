/// How instances are reached with the OpenSSH client.
public struct SSHSettings: Sendable, Hashable {
    /// The user to log in as; its login shell must be a POSIX shell.
    public var user: String
    /// Path of the private key, the only one then tried; `nil` for the agent's and OpenSSH's own defaults.
    public var identityFile: String?
    /// Path of the file with the instances' host keys, the only one then used; `nil` for OpenSSH's own defaults.
    public var knownHostsFile: String?
    /// The port of the SSH server, 1 to 65,535.
    public var port: Int
    /// The host to go through, as `ssh -J` takes it; its keys and user come from OpenSSH's own configuration.
    public var jumpHost: String?
    /// Whether commands are run by `sudo -n`, which must not ask for a password.
    public var usesSudo: Bool

    /// Creates settings.
    public init(
        user: String, identityFile: String? = nil, knownHostsFile: String? = nil, port: Int = 22,
        jumpHost: String? = nil, usesSudo: Bool = false
    ) {
        self.user = user
        self.identityFile = identityFile
        self.knownHostsFile = knownHostsFile
        self.port = port
        self.jumpHost = jumpHost
        self.usesSudo = usesSudo
    }
}
