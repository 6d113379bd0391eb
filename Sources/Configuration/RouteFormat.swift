internal import Documents
internal import Workflow

/// The format of one entry under `traffic`.
enum RouteFormat {
    private static let socket = DocumentKey(
        "socket", DocumentFormat<String>.text("a path"), isRequired: true,
        summary: "The runtime API's Unix socket, with level admin.")
    private static let backend = DocumentKey(
        "backend", DocumentFormat<String>.text("a backend's name"), isRequired: true, summary: "The backend.")
    private static let port = DocumentKey(
        "port", .integer(in: 1...65535), isRequired: true, summary: "The port on which instances serve.")
    private static let haproxy = DocumentKey(
        "haproxy",
        DocumentFormat<TrafficRoute>.object("haproxy", keys: [socket.shape, backend.shape, port.shape]) { object in
            let (socket, backend, port) = (object[socket], object[backend], object[port])
            guard let socket, let backend, let port else { return nil }
            return .haproxy(HAProxyRoute(socket: socket, backend: backend, port: port))
        }, summary: "A backend of a HAProxy, changed over its runtime API.")

    private static let name = DocumentKey(
        "name", DocumentFormat<String>.text("a name"), isRequired: true, summary: "What the route is called.")
    private static let run = DocumentKey(
        "run", .list(of: DocumentFormat<String>.text("a program or an argument")), isRequired: true,
        summary: "Program and arguments; no shell reads them.")
    private static let timeout = DocumentKey(
        "timeout", .span(in: .milliseconds(100)...(.seconds(40))), defaultText: "30s",
        summary: "After this long the program is killed; well within the time for which a driver's lease is secured.")
    private static let command = DocumentKey(
        "command",
        DocumentFormat<TrafficRoute>.object("command", keys: [name.shape, run.shape, timeout.shape]) { object in
            let (name, run, timeout) = (object[name], object[run], object[timeout] ?? .seconds(30))
            guard let name, let run else { return nil }
            return .command(CommandRoute(name: name, command: run, timeout: timeout))
        }, summary: "Your own program.")

    private static let arn = DocumentKey(
        "arn", DocumentFormat<String>.text("a resource name"), isRequired: true,
        summary: "The group's Amazon resource name.")
    private static let groupPort = DocumentKey(
        "port", .integer(in: 1...65535), summary: "The port on which instances serve; the group's own by default.")
    private static let targetGroup = DocumentKey(
        "targetGroup",
        DocumentFormat<TrafficRoute>.object("targetGroup", keys: [arn.shape, groupPort.shape]) { object in
            let (arn, port) = (object[arn], object[groupPort])
            return arn.map { .targetGroup(TargetGroupRoute(arn: $0, port: port)) }
        }, summary: "A target group of an AWS load balancer.")

    private static let address = DocumentKey(
        "address", DocumentFormat<String>.text("an address or an allocation"), isRequired: true,
        summary: "The public address or the allocation's id.")
    private static let elasticAddress = DocumentKey(
        "elasticAddress",
        DocumentFormat<TrafficRoute>.object("elasticAddress", keys: [address.shape]) { object in
            object[address].map { .elasticAddress(ElasticAddressRoute(address: $0)) }
        }, summary: "An Elastic address of AWS, which moves to the replacement.")

    private static let listen = DocumentKey(
        "listen", DocumentFormat<String>.text("where the device listens"), isRequired: true,
        summary: "Where the proxy device listens, as its own `listen` says it, such as tcp:0.0.0.0:80.")
    private static let lxdProxy = DocumentKey(
        "lxdProxy",
        DocumentFormat<TrafficRoute>.object("lxdProxy", keys: [listen.shape]) { object in
            object[listen].map { .lxdProxy(LXDProxyRoute(listen: $0)) }
        }, summary: "A port of the host, published by a proxy device of LXD or Incus, which moves to the replacement.")

    private static let staticAddress = DocumentKey(
        "address", DocumentFormat<String>.text("an address"), isRequired: true,
        summary: "The static address: ipv4.address or ipv6.address of the original's network device.")
    private static let lxdAddress = DocumentKey(
        "lxdAddress",
        DocumentFormat<TrafficRoute>.object("lxdAddress", keys: [staticAddress.shape]) { object in
            object[staticAddress].map { .lxdAddress(LXDAddressRoute(address: $0)) }
        }, summary: "A static address of LXD or Incus, which moves to the replacement.")

    private static let pool = DocumentKey(
        "pool", DocumentFormat<String>.text("a pool"), isRequired: true, summary: "The storage pool.")
    private static let volume = DocumentKey(
        "volume", DocumentFormat<String>.text("a volume"), isRequired: true, summary: "The custom volume.")
    private static let lxdVolume = DocumentKey(
        "lxdVolume",
        DocumentFormat<TrafficRoute>.object("lxdVolume", keys: [pool.shape, volume.shape]) { object in
            let (pool, volume) = (object[pool], object[volume])
            guard let pool, let volume else { return nil }
            return .lxdVolume(LXDVolumeRoute(pool: pool, volume: volume))
        }, summary: "A custom volume of LXD or Incus, which moves to the replacement.")

    private static let kinds = [haproxy, targetGroup, elasticAddress, lxdProxy, lxdAddress, lxdVolume, command]

    static let route = DocumentFormat<TrafficRoute>.object(
        "traffic entry", keys: kinds.map(\.shape), exactlyOneOf: kinds.map(\.name)
    ) { object in
        object.exactlyOne(of: kinds)
    }
}
