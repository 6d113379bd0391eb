internal import Foundation
internal import Providers
internal import Workflow

/// One target group with instances as its targets.
struct TargetGroup {
    struct Key: Hashable {
        var id: String
        var port: Int
    }

    struct Target {
        /// Milliseconds of the world's clock.
        var since: Int64
        var drainsSince: Int64?
    }

    var name: String
    var port: Int
    var targets: [Key: Target] = [:]
}

// Elastic Load Balancing.
extension FacadeState {
    mutating func addGroup(name: String, port: Int, instances: [String]) -> String {
        let arn =
            "arn:aws:elasticloadbalancing:\(settings.region):\(settings.account):targetgroup/\(name)/00000000000000a1"
        groups[arn] = TargetGroup(
            name: name, port: port,
            targets: Dictionary(
                uniqueKeysWithValues: instances.map { (TargetGroup.Key(id: $0, port: port), .init(since: -1_000_000)) })
        )
        return arn
    }

    mutating func balancerAnswer(_ request: CloudRequest) throws(CloudRefusal) -> HTTPAnswer {
        switch request.action {
        case "DescribeTargetGroups": return Self.queryAnswer(request, try describeGroups(request))
        case "DescribeTargetGroupAttributes":
            _ = try group(request)
            let seconds = settings.deregistrationDelay.milliseconds / 1000
            let member =
                XMLText.element("Key", "deregistration_delay.timeout_seconds") + XMLText.element("Value", "\(seconds)")
            return Self.queryAnswer(request, XMLText.list("Attributes", [member], of: "member"))
        case "DescribeTargetHealth": return Self.queryAnswer(request, try describeHealth(request))
        case "RegisterTargets": try register(request)
        case "DeregisterTargets": try deregister(request)
        default:
            throw CloudRefusal("InvalidAction", "The action \(request.action) is not valid for this web service.")
        }
        return Self.queryAnswer(request, "")
    }

    private func group(_ request: CloudRequest) throws(CloudRefusal) -> (arn: String, group: TargetGroup) {
        let arn = request.parameters["TargetGroupArn"] ?? ""
        guard let group = groups[arn] else {
            throw CloudRefusal("TargetGroupNotFound", "One or more target groups not found")
        }
        return (arn, group)
    }

    private func describeGroups(_ request: CloudRequest) throws(CloudRefusal) -> String {
        let wanted = request.list("TargetGroupArns.member")
        let names = request.list("Names.member")
        for arn in wanted where groups[arn] == nil {
            throw CloudRefusal("TargetGroupNotFound", "One or more target groups not found")
        }
        let found = groups.sorted { $0.key < $1.key }.filter {
            (wanted.isEmpty || wanted.contains($0.key)) && (names.isEmpty || names.contains($0.value.name))
        }
        return XMLText.list(
            "TargetGroups",
            found.map { arn, group in
                XMLText.element("TargetGroupArn", arn) + XMLText.element("TargetGroupName", group.name)
                    + "<Protocol>HTTP</Protocol>" + XMLText.element("Port", "\(group.port)")
                    + XMLText.element("VpcId", Self.vpc) + "<HealthCheckProtocol>HTTP</HealthCheckProtocol>"
                    + "<HealthCheckPort>traffic-port</HealthCheckPort><HealthCheckEnabled>true</HealthCheckEnabled>"
                    + "<HealthCheckIntervalSeconds>30</HealthCheckIntervalSeconds><TargetType>instance</TargetType>"
                    + "<LoadBalancerArns/>"
            }, of: "member")
    }

    /// The targets that a request names; a port that is left out is the group's.
    private func named(_ request: CloudRequest, _ group: TargetGroup) -> [TargetGroup.Key] {
        request.entries("Targets.member").map { number in
            let start = "Targets.member.\(number)."
            return TargetGroup.Key(
                id: request.parameters[start + "Id"] ?? "",
                port: request.parameters[start + "Port"].flatMap { Int($0) } ?? group.port)
        }
    }

    private mutating func describeHealth(_ request: CloudRequest) throws(CloudRefusal) -> String {
        var (arn, group) = try group(request)
        let (now, delay) = (now, settings.deregistrationDelay.milliseconds)
        group.targets = group.targets.filter { now < ($0.value.drainsSince ?? .max - delay) + delay }
        groups[arn] = group
        let named = named(request, group)
        let keys = named.isEmpty ? group.targets.keys.sorted { ($0.id, $0.port) < ($1.id, $1.port) } : named
        let members = keys.map { key in
            let (state, reason) = health(of: key, in: group)
            return XMLText.around(
                "Target", XMLText.element("Id", key.id) + XMLText.element("Port", "\(key.port)"))
                + XMLText.element("HealthCheckPort", "\(key.port)")
                + XMLText.around("TargetHealth", XMLText.element("State", state) + XMLText.element("Reason", reason))
        }
        return XMLText.list("TargetHealthDescriptions", members, of: "member")
    }

    private func health(of key: TargetGroup.Key, in group: TargetGroup) -> (state: String, reason: String?) {
        guard let target = group.targets[key] else { return ("unused", "Target.NotRegistered") }
        if target.drainsSince != nil { return ("draining", "Target.DeregistrationInProgress") }
        guard truth(key.id)?.instance.state == .running else { return ("unused", "Target.InvalidState") }
        if now < target.since + settings.initialHealth.milliseconds { return ("initial", "Elb.RegistrationInProgress") }
        return serves(key.id) ? ("healthy", nil) : ("unhealthy", "Target.FailedHealthChecks")
    }

    private mutating func register(_ request: CloudRequest) throws(CloudRefusal) {
        let (arn, group) = try group(request)
        let keys = named(request, group)
        guard !keys.isEmpty else { throw CloudRefusal("ValidationError", "Targets are required") }
        for key in keys {
            guard records[key.id] != nil else {
                throw CloudRefusal("InvalidTarget", "The following targets are not valid instances: '\(key.id)'")
            }
            guard truth(key.id)?.instance.state == .running else {
                throw CloudRefusal(
                    "InvalidTarget",
                    "The following targets are not in a running state and cannot be registered: '\(key.id)'")
            }
        }
        let moment = now
        for key in keys {
            if let target = group.targets[key], target.drainsSince == nil { continue }
            groups[arn]?.targets[key] = TargetGroup.Target(since: moment)
        }
    }

    /// Without a port in the request every registration of the instance goes; an absent one is no error.
    private mutating func deregister(_ request: CloudRequest) throws(CloudRefusal) {
        let (arn, group) = try group(request)
        let moment = now
        for number in request.entries("Targets.member") {
            let id = request.parameters["Targets.member.\(number).Id"] ?? ""
            let port = request.parameters["Targets.member.\(number).Port"].flatMap { Int($0) }
            for key in group.targets.keys where key.id == id && key.port == port ?? key.port {
                if groups[arn]?.targets[key]?.drainsSince == nil { groups[arn]?.targets[key]?.drainsSince = moment }
            }
        }
    }
}
