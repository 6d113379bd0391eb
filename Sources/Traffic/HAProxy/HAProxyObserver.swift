public import CurlTransport
public import Workflow

/// Reads the members of a HAProxy's backend, and can send nothing that changes it.
public struct HAProxyObserver: TrafficObserver {
    private let reading: HAProxyReading

    /// Creates an observer of a backend; nothing is asked yet.
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
}
