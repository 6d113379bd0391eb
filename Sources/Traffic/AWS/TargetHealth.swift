import AWSClient
import Workflow

/// One target of a group, as it is named in calls.
struct GroupTarget: Sendable, Hashable {
    /// The instance's id or the address.
    var id: String
    /// The port; `nil` for the group's own.
    var port: Int?
    /// The zone of an address; `all` for one outside the group's network, `nil` where AWS finds it out.
    var zone: String?

    /// The parameters that name targets in a call.
    static func parameters(_ targets: [GroupTarget]) -> [String: String] {
        var parameters: [String: String] = [:]
        for (index, target) in targets.enumerated() {
            let prefix = "Targets.member.\(index + 1)"
            parameters["\(prefix).Id"] = target.id
            if let port = target.port { parameters["\(prefix).Port"] = "\(port)" }
            if let zone = target.zone { parameters["\(prefix).AvailabilityZone"] = zone }
        }
        return parameters
    }
}

/// What a target group is made of.
enum TargetKind: Sendable, Hashable {
    case instance
    case address
    /// Lambda functions or load balancers, which no swap can stand in for.
    case unsupported(String)

    /// The kind by its word in `TargetType`.
    init(word: String) {
        switch word {
        case "instance": self = .instance
        case "ip": self = .address
        default: self = .unsupported(word)
        }
    }

    /// The kind by one target's id: `i-…`, an ARN or an address.
    init(targetID: String) {
        if targetID.hasPrefix("i-") {
            self = .instance
        } else if targetID.hasPrefix("arn:") {
            self = .unsupported(targetID.contains(":lambda:") ? "lambda" : "alb")
        } else {
            self = .address
        }
    }
}

/// One target with its health.
///
/// The states are those of `TargetHealth` in the API's reference (Elastic Load Balancing, version 2015-12-01).
struct TargetHealth: Sendable, Hashable {
    var target: GroupTarget
    var state: String
    var reason: String?

    /// Whether it was deregistered and only finishes its work.
    var isDraining: Bool { state == "draining" }

    /// What the group does with the target; `nil` when it is not registered at all.
    ///
    /// `unused` is registered without receiving anything: no listener of a load balancer uses the group or the
    /// target's zone (`Target.NotInUse`), or the instance is stopped (`Target.InvalidState`). It would receive work
    /// as soon as that changes, so it is not `disabled`, which means out of rotation. `unhealthy.draining` is a
    /// registered target that fails its checks and gets no new connections; it is not deregistered.
    var status: TrafficMember.Status? {
        switch state {
        case "healthy": .inService
        case "draining": .draining
        case "unused" where reason == "Target.NotRegistered": nil
        default: .unhealthy
        }
    }

    /// The target as a member; `nil` when it is not registered.
    var member: TrafficMember? {
        guard let status else { return nil }
        let isInstance = TargetKind(targetID: target.id) == .instance
        return TrafficMember(
            name: name, instance: isInstance ? InstanceID(target.id) : nil, address: isInstance ? "" : target.id,
            status: status, openSessions: nil)
    }

    /// Id and port, and why a registered target gets nothing.
    private var name: String {
        let endpoint = target.port.map { "\(target.id):\($0)" } ?? target.id
        guard state == "unused" else { return endpoint }
        switch reason {
        case "Target.NotInUse": return "\(endpoint) (unused: no listener uses the group or the target's zone)"
        case "Target.InvalidState": return "\(endpoint) (unused: the instance is stopped or gone)"
        default: return "\(endpoint) (unused: \(reason ?? "no reason given"))"
        }
    }

    /// Reads an answer of `DescribeTargetHealth`; `nil` when it is not complete.
    static func parse(_ root: AWSElement) -> [TargetHealth]? {
        guard let result = root["DescribeTargetHealthResult"], result["TargetHealthDescriptions"] != nil else {
            return nil
        }
        var all: [TargetHealth] = []
        for item in result.items("TargetHealthDescriptions") {
            guard let id = item.text("Target", "Id"), !id.isEmpty,
                let state = item.text("TargetHealth", "State"), !state.isEmpty
            else { return nil }
            let zone = item.text("Target", "AvailabilityZone")
            all.append(
                TargetHealth(
                    target: GroupTarget(
                        id: id, port: item.text("Target", "Port").flatMap { Int($0) },
                        zone: zone == "all" ? zone : nil),
                    state: state, reason: item.text("TargetHealth", "Reason")))
        }
        return all
    }
}
