public import CurlTransport
public import Workflow

/// Makes the adapter of a route.
public struct TrafficRouterFactory: Sendable {
    private let transport: CurlTransport
    private let runner: any CommandRunner
    private let aws: AWSTraffic?
    private let lxd: LXDTraffic?

    /// Creates a factory; `runner` runs operators' programs on this machine, `aws` is the account of target groups and
    /// Elastic addresses, `lxd` the server of proxy devices, static addresses and volumes.
    public init(transport: CurlTransport, runner: any CommandRunner, aws: AWSTraffic?, lxd: LXDTraffic?) {
        self.transport = transport
        self.runner = runner
        self.aws = aws
        self.lxd = lxd
    }

    private func account(for route: TrafficRoute) throws(TrafficError) -> AWSTraffic {
        guard let aws else {
            throw TrafficError(
                .invalidRequest, router: route.name,
                detail: "it belongs to an AWS account, and the playbook's provider is none; name one of kind ec2")
        }
        return aws
    }

    private func server(for route: TrafficRoute) throws(TrafficError) -> LXDTraffic {
        guard let lxd else {
            throw TrafficError(
                .invalidRequest, router: route.name,
                detail: "it belongs to a server of LXD or Incus, and the playbook's provider is none; name one of kind "
                    + "lxd")
        }
        return lxd
    }

    /// The router that changes a route.
    ///
    /// Throws `invalidRequest` when the route belongs to an AWS account or a server of LXD and there is none.
    public func router(for route: TrafficRoute) throws(TrafficError) -> any TrafficRouter {
        switch route {
        case .haproxy(let route): HAProxyRouter(route: route, transport: transport)
        case .targetGroup(let group): try account(for: route).router(for: group)
        case .elasticAddress(let address): try account(for: route).router(for: address)
        case .lxdProxy(let proxy): try server(for: route).router(for: proxy)
        case .lxdAddress(let address): try server(for: route).router(for: address)
        case .lxdVolume(let volume): try server(for: route).router(for: volume)
        case .command(let route): CommandRouter(route: route, runner: runner)
        }
    }

    /// The observer of a route, which cannot change anything.
    ///
    /// Throws as `router(for:)` does.
    public func observer(for route: TrafficRoute) throws(TrafficError) -> any TrafficObserver {
        switch route {
        case .haproxy(let route): HAProxyObserver(route: route, transport: transport)
        case .targetGroup(let group): try account(for: route).observer(for: group)
        case .elasticAddress(let address): try account(for: route).observer(for: address)
        case .lxdProxy(let proxy): try server(for: route).observer(for: proxy)
        case .lxdAddress(let address): try server(for: route).observer(for: address)
        case .lxdVolume(let volume): try server(for: route).observer(for: volume)
        case .command(let route): CommandObserver(route: route, runner: runner)
        }
    }
}
