import AWSClient
import Foundation
import Workflow

@testable import Traffic

/// An AWS that answers by a script and records every call with the asker's mark.
final class ScriptedAWS: AWSQuerying, @unchecked Sendable {
    typealias Script = @Sendable (AWSCall) async throws(AWSError) -> AWSElement

    @TaskLocal static var asker = ""

    private let lock = NSLock()
    private var recorded: [(call: AWSCall, asker: String)] = []
    private var current: Script

    init(_ script: @escaping Script) {
        current = script
    }

    /// Answers each action with a fixed element.
    convenience init(answers: [String: AWSElement]) {
        self.init { call throws(AWSError) in
            guard let answer = answers[call.action] else { throw .refusing(call.action, "Unscripted") }
            return answer
        }
    }

    var calls: [AWSCall] { lock.withLock { recorded.map(\.call) } }
    var actions: [String] { calls.map(\.action) }
    var askers: [String] { lock.withLock { recorded.map(\.asker) } }

    func count(_ action: String) -> Int { actions.filter { $0 == action }.count }

    func answer(_ script: @escaping Script) { lock.withLock { current = script } }

    func query(_ call: AWSCall) async throws(AWSError) -> AWSElement {
        let script = lock.withLock {
            recorded.append((call, Self.asker))
            return current
        }
        return try await script(call)
    }
}

extension AWSError {
    static func refusing(_ action: String, _ code: String) -> AWSError {
        AWSError(.rejected, action: action, serviceCode: code, detail: "said no", status: 400, isRetryable: false)
    }

    static func unreachable(_ action: String) -> AWSError {
        AWSError(.unreachable, action: action, detail: "no connection", isRetryable: true, isUncertain: true)
    }
}

/// Answers in the shape of the API's reference.
enum Answer {
    static func element(_ name: String, _ children: [AWSElement]) -> AWSElement {
        AWSElement(name: name, children: children)
    }

    static func text(_ name: String, _ text: String) -> AWSElement { AWSElement(name: name, text: text) }

    struct Health {
        var id: String
        var port: Int? = 80
        var state = "healthy"
        var reason: String?
        var zone: String?
    }

    static func health(_ targets: [Health]) -> AWSElement {
        let members = targets.map { target in
            element(
                "member",
                [
                    element(
                        "Target",
                        [text("Id", target.id)] + (target.port.map { [text("Port", "\($0)")] } ?? [])
                            + (target.zone.map { [text("AvailabilityZone", $0)] } ?? [])),
                    element(
                        "TargetHealth",
                        [text("State", target.state)] + (target.reason.map { [text("Reason", $0)] } ?? [])),
                ])
        }
        return element(
            "DescribeTargetHealthResponse",
            [element("DescribeTargetHealthResult", [element("TargetHealthDescriptions", members)])])
    }

    static func group(type: String) -> AWSElement {
        element(
            "DescribeTargetGroupsResponse",
            [
                element(
                    "DescribeTargetGroupsResult",
                    [element("TargetGroups", [element("member", [text("TargetType", type), text("Port", "80")])])])
            ])
    }

    static func attributes(_ values: [String: String]) -> AWSElement {
        let members = values.map { element("member", [text("Key", $0.key), text("Value", $0.value)]) }
        return element(
            "DescribeTargetGroupAttributesResponse",
            [element("DescribeTargetGroupAttributesResult", [element("Attributes", members)])])
    }

    static let done = element("Response", [])

    static func address(
        _ holder: String? = nil, interface: String? = nil, allocation: String? = "eipalloc-1"
    ) -> AWSElement {
        var children = [text("publicIp", "198.51.100.7"), text("instanceId", holder ?? "")]
        if let allocation { children.append(text("allocationId", allocation)) }
        if holder != nil || interface != nil {
            children += [
                text("associationId", "eipassoc-\(holder ?? "x")"), text("privateIpAddress", "10.0.0.5"),
                text("networkInterfaceId", interface ?? "eni-1"),
            ]
        }
        return element("DescribeAddressesResponse", [element("addressesSet", [element("item", children)])])
    }
}

let groupARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/73e2d6bc24d8a067"
