/// What `changeover.yaml` says about a server of LXD or Incus.
public struct LXDConfiguration: Sendable, Hashable {
    /// How the server is reached.
    public enum Endpoint: Sendable, Hashable {
        /// Over a Unix socket; `nil` for the first that this machine has.
        case socket(String?)
        /// Over HTTPS.
        case remote(Remote)
    }

    /// A server that is reached over HTTPS with a client certificate.
    public struct Remote: Sendable, Hashable {
        /// The server's base URL, such as `https://host:8443`.
        public var url: String
        /// The PEM file of the client's certificate.
        public var clientCertificate: String
        /// The PEM file of the client's private key.
        public var clientKey: String
        /// The PEM file of the server's certificate or its authority; the system's authorities where it is left out.
        public var serverCertificate: String?
        /// The name in the server's certificate, where it is not the URL's host.
        public var serverName: String?
    }

    /// How commands are run on instances.
    public enum Commands: Sendable, Hashable {
        /// By the server.
        case exec
        /// By the OpenSSH client.
        case ssh(SSHConfiguration)
    }

    /// How the server is reached.
    public var endpoint: Endpoint
    /// The project.
    public var project: String
    /// The cluster member on which replacements are launched; the original's own where it is left out.
    public var target: String?
    /// The interface whose address counts, as the instance names it; the first where it is left out.
    public var network: String?
    /// Whether checks and routers reach instances at their IPv6 addresses.
    public var usesIPv6: Bool
    /// How commands are run on instances.
    public var commands: Commands

    /// Creates a configuration; without arguments it is that of this machine's own server.
    public init(
        endpoint: Endpoint = .socket(nil), project: String = "default", target: String? = nil, network: String? = nil,
        usesIPv6: Bool = false, commands: Commands = .exec
    ) {
        self.endpoint = endpoint
        self.project = project
        self.target = target
        self.network = network
        self.usesIPv6 = usesIPv6
        self.commands = commands
    }
}
