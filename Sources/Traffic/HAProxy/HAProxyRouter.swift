public import CurlTransport
public import Workflow

/// Moves traffic between the servers of a HAProxy's backend over its runtime API (HAProxy 2.6 or later).
///
/// A server that the configuration declares at the instance's address and port is used and stays listed; otherwise one
/// is added, named `changeover-<instance>`, with a check every 500 ms of the backend's own kind, and deleted again when
/// it is removed. What is added vanishes when HAProxy reloads: register again then.
///
/// Nothing goes to service before a check of HAProxy's own has passed. Leaving maintenance alone does not ensure that:
/// HAProxy then takes the server for healthy until a check fails. So a server leaves maintenance into drain, where it
/// gets no new work, is set down there, and only then made ready: from down, only its checks bring it up. A declared
/// server without `check` is made ready as it is: HAProxy knows nothing of its health.
///
/// Draining or removing the only member in service is refused.
public struct HAProxyRouter: TrafficRouter {
    private static let namePrefix = "changeover-"

    private let reading: HAProxyReading

    /// Creates a router of a backend; nothing is asked yet.
    public init(route: HAProxyRoute, transport: CurlTransport) {
        self.init(route: route, socket: CurlRuntimeSocket(transport: transport, path: route.socket))
    }

    init(route: HAProxyRoute, socket: any RuntimeSocket) {
        reading = HAProxyReading(route: route, router: TrafficRoute.haproxy(route).name, socket: socket)
    }

    /// The router's name, `haproxy:<backend>`.
    public var name: RouterName { reading.router }

    /// The slot's key, `haproxy:<canonical socket path>/<backend>`.
    public var slot: String { reading.slot }

    /// Reads every server of the backend; complete or throws.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await reading.servers().map(\.member)
    }

    /// Makes one change; returns once HAProxy has taken it.
    ///
    /// Give `drain` and `remove` the address too: a server that the configuration names cannot be told from the
    /// instance's id. Removing what is not there succeeds when the address was given.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        let own = try ownName(of: change.instance)
        let endpoint = try endpoint(of: change)
        let servers = try await reading.servers()
        let target = servers.first { Self.isTarget($0.state, own: own, instance: change.instance, endpoint: endpoint) }
        switch change.action {
        case .register, .restore:
            try await bringIn(target, own: own, endpoint: endpoint, neighbours: servers)
        case .drain:
            guard let target else { throw missing(change) }
            try await drain(target, among: servers)
        case .remove:
            guard let target else {
                guard endpoint != nil else { throw missing(change) }
                return
            }
            try await remove(target, own: own, among: servers)
        }
    }
}

extension HAProxyRouter {
    private func ownName(of instance: InstanceID) throws(TrafficError) -> RuntimeName {
        guard let name = RuntimeName(Self.namePrefix + instance.rawValue), !instance.rawValue.isEmpty else {
            throw invalid("an instance's id may hold only letters, digits and _ . : - to name a server")
        }
        return name
    }

    private func endpoint(of change: TrafficChange) throws(TrafficError) -> RuntimeEndpoint? {
        guard let address = change.address else {
            switch change.action {
            case .register, .restore:
                throw invalid("the address of \(change.instance) is needed to \(change.action.rawValue) it")
            case .drain, .remove:
                return nil
            }
        }
        guard let endpoint = RuntimeEndpoint(address: address, port: reading.route.port) else {
            throw invalid("the address of \(change.instance) must be a numeric IP address, and the port 1 to 65535")
        }
        return endpoint
    }

    /// By our name, else by address and port, else by the instance's own name.
    private static func isTarget(
        _ server: ServerState, own: RuntimeName, instance: InstanceID, endpoint: RuntimeEndpoint?
    ) -> Bool {
        if server.name == own.description { return true }
        guard let endpoint else { return server.name == instance.rawValue }
        return server.port == endpoint.port && RuntimeEndpoint.isSame(server.address, endpoint.address)
    }

    private func missing(_ change: TrafficChange) -> TrafficError {
        invalid(
            "no server of the backend \(reading.route.backend) is \(change.instance)"
                + (change.address.map { " at \($0):\(reading.route.port)" } ?? "; its address would tell"))
    }

    private func invalid(_ detail: String) -> TrafficError {
        TrafficError(.invalidRequest, router: name, detail: detail)
    }
}

extension HAProxyRouter {
    private func bringIn(
        _ target: HAProxyReading.Server?, own: RuntimeName, endpoint: RuntimeEndpoint?,
        neighbours: [HAProxyReading.Server]
    ) async throws(TrafficError) {
        guard let endpoint else { return }
        guard let target else {
            let server = RuntimeServer(backend: try reading.backend(), name: own)
            try await send(.add(server, endpoint, try settings(from: neighbours)), named: "add server")
            try await send(.enableHealth(server), named: "enable health")
            return try await admit(server, from: .disabled, isChecked: true, hasPassed: false)
        }
        let server = try serverName(target)
        let isOwn = target.state.name == own.description
        var status = target.status
        if isOwn,
            target.state.port != endpoint.port
                || !RuntimeEndpoint.isSame(target.state.address, endpoint.address)
        {
            try await send(.set(.maint, server), named: "set server state")
            try await sendAddress(endpoint, to: server)
            status = .disabled
        }
        if isOwn, !target.state.isChecked { try await send(.enableHealth(server), named: "enable health") }
        try await admit(
            server, from: status, isChecked: isOwn || target.state.isChecked,
            hasPassed: target.state.isUp && target.statistics?.hasPassed == true)
    }

    /// Makes a server ready such that only a passed check brings it to service.
    private func admit(
        _ server: RuntimeServer, from status: TrafficMember.Status, isChecked: Bool, hasPassed: Bool
    ) async throws(TrafficError) {
        switch status {
        case .inService, .unhealthy:
            return
        case .draining where isChecked && !hasPassed:
            try await send(.setHealthDown(server), named: "set server health")
        case .disabled where isChecked:
            try await send(.set(.drain, server), named: "set server state")
            try await send(.setHealthDown(server), named: "set server health")
        case .draining, .disabled:
            break
        }
        try await send(.set(.ready, server), named: "set server state")
    }

    private func drain(
        _ target: HAProxyReading.Server, among servers: [HAProxyReading.Server]
    ) async throws(TrafficError) {
        switch target.status {
        case .draining, .disabled: return
        case .inService, .unhealthy: break
        }
        try refuseLast(target, among: servers)
        try await send(.set(.drain, try serverName(target)), named: "set server state")
    }

    private func remove(
        _ target: HAProxyReading.Server, own: RuntimeName, among servers: [HAProxyReading.Server]
    ) async throws(TrafficError) {
        try refuseLast(target, among: servers)
        let server = try serverName(target)
        try await send(.set(.maint, server), named: "set server state")
        try await send(.shutdownSessions(server), named: "shutdown sessions server")
        guard target.state.name == own.description else { return }
        // Connections may take a moment to end; a server that stays is disabled, and deleted by the next removal.
        _ = try await reading.socket.ask(.delete(server), for: name)
    }

    /// Refuses to take the work from a member when no other one is in service.
    private func refuseLast(
        _ target: HAProxyReading.Server, among servers: [HAProxyReading.Server]
    ) throws(TrafficError) {
        switch target.status {
        case .unhealthy, .disabled: return
        case .inService, .draining: break
        }
        guard !servers.contains(where: { $0.state.name != target.state.name && $0.status == .inService }) else {
            return
        }
        throw TrafficError(
            .refused, router: name,
            detail: "no other server of \(reading.route.backend) is in service beside \(target.state.name); bring "
                + "another one into service first")
    }

    private func serverName(_ server: HAProxyReading.Server) throws(TrafficError) -> RuntimeServer {
        guard let listed = RuntimeName(server.state.name) else {
            throw TrafficError(.malformedAnswer, router: name, detail: "HAProxy lists a server with an impossible name")
        }
        return RuntimeServer(backend: try reading.backend(), name: listed)
    }

    /// What all declared servers share; dynamic servers do not inherit `default-server`.
    private func settings(from neighbours: [HAProxyReading.Server]) throws(TrafficError) -> DynamicSettings {
        guard !neighbours.contains(where: \.state.usesTLS) else {
            throw TrafficError(
                .refused, router: name,
                detail: "the servers of \(reading.route.backend) use TLS, whose settings a server added at run time "
                    + "does not get; declare a server for the replacement's address, `disabled`, instead")
        }
        let ports = Set(neighbours.map(\.state.checkPort))
        let weights = Set(neighbours.map(\.state.initialWeight))
        return DynamicSettings(
            checkPort: ports.count == 1 ? ports.first.flatMap { $0 > 0 ? $0 : nil } : nil,
            weight: weights.count == 1 ? weights.first.flatMap { $0 > 1 ? $0 : nil } : nil)
    }

    private func send(_ command: RuntimeCommand, named words: String) async throws(TrafficError) {
        let answer = try await reading.socket.ask(command, for: name)
        guard RuntimeRefusal.isSuccess(answer) else { throw reading.error(forAnswer: answer, to: words) }
    }

    /// HAProxy answers in free words whatever it did with an address, so the result is read back.
    private func sendAddress(_ endpoint: RuntimeEndpoint, to server: RuntimeServer) async throws(TrafficError) {
        let answer = try await reading.socket.ask(.setAddress(server, endpoint), for: name)
        let now = try await reading.servers().first { $0.state.name == server.name.description }
        guard let now, now.state.port == endpoint.port, RuntimeEndpoint.isSame(now.state.address, endpoint.address)
        else { throw reading.error(forAnswer: answer, to: "set server addr") }
    }
}
