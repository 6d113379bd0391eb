/// An instance as the server reports it (`GET /1.0/instances/NAME`, with `recursion=1` its state too).
public struct LXDInstance: Sendable, Hashable, Decodable {
    /// Its name, unique in the project.
    public var name: String
    /// `container` or `virtual-machine`.
    public var type: String
    /// What it does: `Running`, `Stopped`, `Starting`, `Stopping`, `Freezing`, `Frozen`, `Error` and the like.
    public var status: String
    /// Its architecture, such as `x86_64`.
    public var architecture: String
    /// Whether it goes when it is stopped.
    public var isEphemeral: Bool
    /// Its profiles, in order.
    public var profiles: [String]
    /// Its own configuration, volatile keys included.
    public var config: [String: String]
    /// Its own devices.
    public var devices: [String: [String: String]]
    /// Its configuration with that of its profiles.
    public var expandedConfig: [String: String]
    /// Its devices with those of its profiles.
    public var expandedDevices: [String: [String: String]]
    /// When it was created, in RFC 3339.
    public var createdAt: String
    /// When it was last started, in RFC 3339; 1970 where it never was.
    public var lastUsedAt: String
    /// The cluster member it is on; `none` without a cluster.
    public var location: String?
    /// What people say of it.
    public var summary: String?
    /// Its state, where it was asked for.
    public var state: LXDInstanceState?

    private enum CodingKeys: String, CodingKey {
        case name, type, status, architecture, profiles, config, devices, location, state
        case isEphemeral = "ephemeral"
        case expandedConfig = "expanded_config"
        case expandedDevices = "expanded_devices"
        case createdAt = "created_at"
        case lastUsedAt = "last_used_at"
        case summary = "description"
    }
}

/// The state of an instance (`GET /1.0/instances/NAME/state`).
public struct LXDInstanceState: Sendable, Hashable, Decodable {
    /// What it does, in the words of an instance's `status`.
    public var status: String
    /// The process id of its init on the host; 0 when it does not run.
    public var processID: Int?
    /// Its interfaces by name; absent when it does not run.
    public var network: [String: Interface]?

    /// One interface.
    public struct Interface: Sendable, Hashable, Decodable {
        /// Its addresses.
        public var addresses: [Address]
        /// Its hardware address.
        public var hardwareAddress: String?
        /// `up` or `down`.
        public var state: String?

        private enum CodingKeys: String, CodingKey {
            case addresses, state
            case hardwareAddress = "hwaddr"
        }
    }

    /// One address.
    public struct Address: Sendable, Hashable, Decodable {
        /// `inet` or `inet6`.
        public var family: String
        /// The address.
        public var address: String
        /// `global`, `link` or `local`.
        public var scope: String
    }

    private enum CodingKeys: String, CodingKey {
        case status, network
        case processID = "pid"
    }
}
