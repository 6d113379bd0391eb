/// Where traffic is moved, as a playbook says it.
public enum TrafficRoute: Sendable, Hashable, Codable {
    /// A backend of a HAProxy, changed over its runtime API.
    case haproxy(HAProxyRoute)
    /// A target group of an AWS load balancer.
    case targetGroup(TargetGroupRoute)
    /// An Elastic address of AWS, which moves from instance to instance.
    case elasticAddress(ElasticAddressRoute)
    /// A port of the host, published by a `proxy` device of LXD or Incus, which moves from instance to instance.
    case lxdProxy(LXDProxyRoute)
    /// A static address of LXD or Incus, which moves from instance to instance.
    case lxdAddress(LXDAddressRoute)
    /// A custom volume of LXD or Incus, which moves from instance to instance.
    case lxdVolume(LXDVolumeRoute)
    /// The operator's own program.
    case command(CommandRoute)

    /// The route's name in plans, ledgers and messages.
    public var name: RouterName {
        switch self {
        case .haproxy(let route): RouterName("haproxy:\(route.backend)")
        case .targetGroup(let route): RouterName("targetGroup:\(route.name)")
        case .elasticAddress(let route): RouterName("elasticAddress:\(route.address)")
        case .lxdProxy(let route): RouterName("lxdProxy:\(route.listen)")
        case .lxdAddress(let route): RouterName("lxdAddress:\(route.address)")
        case .lxdVolume(let route): RouterName("lxdVolume:\(route.pool)/\(route.volume)")
        case .command(let route): RouterName("command:\(route.name)")
        }
    }

    /// Whether an instance must have it before it starts: the services on it expect their data.
    public var isNeededToStart: Bool {
        switch self {
        case .lxdVolume: true
        case .haproxy, .targetGroup, .elasticAddress, .lxdProxy, .lxdAddress, .command: false
        }
    }

    /// Whether the router has one member at most, so that registering one takes the other out.
    public var hasOneMember: Bool {
        switch self {
        case .elasticAddress, .lxdProxy, .lxdAddress, .lxdVolume: true
        case .haproxy, .targetGroup, .command: false
        }
    }
}

extension TrafficRoute {
    /// Whether moving it changes the address at which the instances themselves are reached.
    public var changesAddresses: Bool {
        switch self {
        case .lxdAddress: true
        case .haproxy, .targetGroup, .elasticAddress, .lxdProxy, .lxdVolume, .command: false
        }
    }
}

/// A backend of a HAProxy.
public struct HAProxyRoute: Sendable, Hashable, Codable {
    /// Path of the runtime API's Unix socket, with level admin.
    public var socket: String
    /// The backend's name.
    public var backend: String
    /// The port on which instances serve, 1 to 65,535.
    public var port: Int

    /// Creates a route.
    public init(socket: String, backend: String, port: Int) {
        self.socket = socket
        self.backend = backend
        self.port = port
    }
}

/// A target group of an AWS load balancer.
public struct TargetGroupRoute: Sendable, Hashable, Codable {
    /// The group's Amazon resource name.
    public var arn: String
    /// The port on which instances serve, 1 to 65,535; `nil` for the group's own.
    public var port: Int?

    /// Creates a route.
    public init(arn: String, port: Int? = nil) {
        self.arn = arn
        self.port = port
    }

    /// The group's name within its resource name, or all of it where that has another form.
    public var name: String {
        let parts = arn.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : arn
    }
}

/// An Elastic address of AWS.
public struct ElasticAddressRoute: Sendable, Hashable, Codable {
    /// The public IPv4 address, or the allocation's id (`eipalloc-…`).
    public var address: String

    /// Creates a route.
    public init(address: String) {
        self.address = address
    }
}

/// A port of the host, published by a `proxy` device of LXD or Incus.
public struct LXDProxyRoute: Sendable, Hashable, Codable {
    /// Where the device listens, as its `listen` says it, such as `tcp:0.0.0.0:80`.
    public var listen: String

    /// Creates a route.
    public init(listen: String) {
        self.listen = listen
    }
}

/// A static address of LXD or Incus: `ipv4.address` or `ipv6.address` of a network device.
public struct LXDAddressRoute: Sendable, Hashable, Codable {
    /// The address.
    public var address: String

    /// Creates a route.
    public init(address: String) {
        self.address = address
    }
}

/// A custom volume of LXD or Incus, attached by a `disk` device.
public struct LXDVolumeRoute: Sendable, Hashable, Codable {
    /// The storage pool's name.
    public var pool: String
    /// The volume's name.
    public var volume: String

    /// Creates a route.
    public init(pool: String, volume: String) {
        self.pool = pool
        self.volume = volume
    }
}

/// The operator's own program as a router.
public struct CommandRoute: Sendable, Hashable, Codable {
    /// What the route is called.
    public var name: String
    /// Program and arguments; the action is appended as last argument, details come as JSON on standard input.
    public var command: [String]
    /// After this long the program is killed.
    public var timeout: Span

    /// Creates a route.
    public init(name: String, command: [String], timeout: Span) {
        self.name = name
        self.command = command
        self.timeout = timeout
    }
}
