import AWSClient
import TestSupport
import Workflow

@testable import Providers

/// Answers calls by a script and remembers them.
final class FakeAWS: AWSCalling {
    typealias Answer = @Sendable (AWSCall) async throws(AWSError) -> AWSElement
    typealias JSONAnswer = @Sendable (AWSCall) async throws(AWSError) -> String

    private let log = LockedValue<[AWSCall]>([])
    private let answer: Answer
    private let jsonAnswer: JSONAnswer

    init(query answer: @escaping Answer) {
        self.answer = answer
        jsonAnswer = { call throws(AWSError) in throw FakeAWS.failure("Unexpected", call.action) }
    }

    init(json: @escaping JSONAnswer) {
        answer = { call throws(AWSError) in throw FakeAWS.failure("Unexpected", call.action) }
        jsonAnswer = json
    }

    /// The calls so far.
    var calls: [AWSCall] { log.withLock { $0 } }
    /// Their actions.
    var actions: [String] { calls.map(\.action) }

    func region() throws(AWSError) -> String { "eu-central-1" }

    func query(_ call: AWSCall) async throws(AWSError) -> AWSElement {
        log.withLock { $0.append(call) }
        return try await answer(call)
    }

    func query(
        _ call: AWSCall, each path: [String], _ take: @escaping @Sendable (AWSElement) throws(AWSError) -> Void
    ) async throws(AWSError) -> AWSElement {
        log.withLock { $0.append(call) }
        let root = try await answer(call)
        for item in root.items(path[0]) { try take(item) }
        return root
    }

    func json(_ call: AWSCall) async throws(AWSError) -> [UInt8] {
        log.withLock { $0.append(call) }
        return Array(try await jsonAnswer(call).utf8)
    }

    static func failure(_ code: String, _ action: String = "", kind: AWSError.Kind = .rejected) -> AWSError {
        AWSError(kind, action: action, serviceCode: code, detail: "as AWS words it", isRetryable: false)
    }
}

/// An element of the kind that answers are made of.
func element(_ name: String, _ fields: [String: String] = [:], _ children: [AWSElement] = []) -> AWSElement {
    AWSElement(
        name: name,
        children: fields.sorted { $0.key < $1.key }.map { AWSElement(name: $0.key, text: $0.value) } + children)
}

/// An item of `instancesSet` of an ordinary instance, with changes.
func instanceItem(
    _ id: String = "i-1", state: Int = 16, fields: [String: String] = [:], tags: [String: String] = ["Name": "web-1"],
    volumes: [AWSElement]? = nil, interfaces: [AWSElement]? = nil, more: [AWSElement] = []
) -> AWSElement {
    var plain = [
        "instanceId": id, "imageId": "ami-11111111", "instanceType": "t3.small", "privateIpAddress": "10.0.0.5",
        "subnetId": "subnet-1", "vpcId": "vpc-1", "keyName": "ops", "architecture": "x86_64",
        "rootDeviceName": "/dev/xvda", "rootDeviceType": "ebs", "launchTime": "2026-11-23T06:10:28.000Z",
        "ebsOptimized": "true", "sourceDestCheck": "true",
    ]
    plain.merge(fields) { $1 }
    let tagItems = tags.sorted { $0.key < $1.key }.map { element("item", ["key": $0.key, "value": $0.value]) }
    return element(
        "item", plain.filter { !$0.value.isEmpty },
        [
            element("instanceState", ["code": "\(state)"]), element("tagSet", [:], tagItems),
            element("groupSet", [:], [element("item", ["groupId": "sg-2"]), element("item", ["groupId": "sg-1"])]),
            element("placement", ["availabilityZone": "eu-central-1a", "tenancy": "default"]),
            element("iamInstanceProfile", ["arn": "arn:aws:iam::1:instance-profile/web"]),
            element("metadataOptions", ["httpTokens": "required", "httpPutResponseHopLimit": "2"]),
            element("blockDeviceMapping", [:], volumes ?? [volumeItem("/dev/xvda", "vol-1")]),
            element("networkInterfaceSet", [:], interfaces ?? [interfaceItem()]),
        ] + more)
}

func volumeItem(
    _ device: String, _ id: String, deleted: Bool = true, at time: String = "2026-11-23T06:10:29.000Z"
) -> AWSElement {
    element(
        "item", ["deviceName": device],
        [element("ebs", ["volumeId": id, "deleteOnTermination": "\(deleted)", "attachTime": time])])
}

func interfaceItem(
    index: Int = 0, secondary: [String] = [], publicOwner: String? = nil
) -> AWSElement {
    let addresses =
        [element("item", ["privateIpAddress": "10.0.0.5", "primary": "true"])]
        + secondary.map { element("item", ["privateIpAddress": $0, "primary": "false"]) }
    let association = publicOwner.map { [element("association", ["publicIp": "3.4.5.6", "ipOwnerId": $0])] } ?? []
    return element(
        "item", ["networkInterfaceId": "eni-\(index)", "privateIpAddress": "10.0.0.5"],
        [element("attachment", ["deviceIndex": "\(index)"]), element("privateIpAddressesSet", [:], addresses)]
            + association)
}

/// An answer of DescribeInstances.
func instancesAnswer(_ items: [AWSElement], next: String = "") -> AWSElement {
    element(
        "DescribeInstancesResponse", next.isEmpty ? [:] : ["nextToken": next],
        [element("reservationSet", [:], items.map { element("item", [:], [element("instancesSet", [:], [$0])]) })])
}

/// The ids that a DescribeInstances filters by.
func wantedIDs(_ call: AWSCall) -> [String] {
    call.parameters.filter { $0.key.hasPrefix("Filter.1.Value.") }.values.sorted()
}

/// A provider over a fake.
func provider(
    _ fake: FakeAWS, clock: ManualClock = ManualClock(), commands: EC2Commands = .none, asks: Bool = true
) -> EC2Provider {
    EC2Provider(
        settings: EC2Provider.Settings(commands: commands, asksPermissions: asks), calling: fake, clock: clock)
}

/// Runs work while the clock is moved on whenever somebody sleeps.
func moving<Value: Sendable>(
    _ clock: ManualClock, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let mover = Task {
        while !Task.isCancelled {
            do { try await clock.waitForSleepers(1) } catch { return }
            clock.advanceToNextSleeper()
        }
    }
    defer { mover.cancel() }
    return try await work()
}
