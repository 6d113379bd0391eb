/// Where traffic is moved, as a playbook says it.
public enum TrafficRoute: Sendable, Hashable, Codable {
    /// A backend of a HAProxy, changed over its runtime API.
    case haproxy(HAProxyRoute)
    /// The operator's own program.
    case command(CommandRoute)

    /// The route's name in plans, ledgers and messages.
    public var name: RouterName {
        switch self {
        case .haproxy(let route): RouterName("haproxy:\(route.backend)")
        case .command(let route): RouterName("command:\(route.name)")
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
