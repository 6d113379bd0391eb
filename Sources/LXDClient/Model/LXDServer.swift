/// What a server says of itself (`GET /1.0`).
public struct LXDServer: Sendable, Hashable, Decodable {
    /// Its environment.
    public struct Environment: Sendable, Hashable, Decodable {
        /// The product, `lxd` or `incus`; for messages only.
        public var server: String?
        /// Its version.
        public var serverVersion: String?
        /// The member of a cluster that answers.
        public var serverName: String?
        /// Whether it is a member of a cluster.
        public var isClustered: Bool?

        private enum CodingKeys: String, CodingKey {
            case server
            case serverVersion = "server_version"
            case serverName = "server_name"
            case isClustered = "server_clustered"
        }
    }

    /// `trusted` or `untrusted`.
    public var authentication: String
    /// What the server can do: behaviour is chosen by these and never by its name or version.
    public var extensions: Set<String>
    /// Its environment; absent for the untrusted.
    public var environment: Environment?

    private enum CodingKeys: String, CodingKey {
        case environment
        case authentication = "auth"
        case extensions = "api_extensions"
    }

    /// Creates a server's facts.
    public init(authentication: String, extensions: Set<String>, environment: Environment? = nil) {
        self.authentication = authentication
        self.extensions = extensions
        self.environment = environment
    }
}
