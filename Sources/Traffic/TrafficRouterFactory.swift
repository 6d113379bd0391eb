public import CurlTransport
public import Workflow

/// Makes the adapter of a route.
public struct TrafficRouterFactory: Sendable {
    private let transport: CurlTransport
    private let runner: any CommandRunner

    /// Creates a factory; `runner` runs operators' programs on this machine.
    public init(transport: CurlTransport, runner: any CommandRunner) {
        self.transport = transport
        self.runner = runner
    }

    /// The router that changes a route.
    public func router(for route: TrafficRoute) -> any TrafficRouter {
        switch route {
        case .haproxy(let route): HAProxyRouter(route: route, transport: transport)
        case .command(let route): CommandRouter(route: route, runner: runner)
        }
    }

    /// The observer of a route, which cannot change anything.
    public func observer(for route: TrafficRoute) -> any TrafficObserver {
        switch route {
        case .haproxy(let route): HAProxyObserver(route: route, transport: transport)
        case .command(let route): CommandObserver(route: route, runner: runner)
        }
    }
}
