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

    private static let kinds = [haproxy, targetGroup, elasticAddress, command]

    static let route = DocumentFormat<TrafficRoute>.object(
        "traffic entry", keys: kinds.map(\.shape), exactlyOneOf: kinds.map(\.name)
    ) { object in
        object.exactlyOne(of: kinds)
    }
}
