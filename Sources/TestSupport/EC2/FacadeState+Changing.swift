internal import Foundation
internal import Providers
internal import Workflow

// What EC2 does to instances.
extension FacadeState {
    mutating func runInstances(_ request: CloudRequest) throws(CloudRefusal) -> String {
        var parameters = request.parameters
        parameters["DryRun"] = nil
        guard let image = parameters["ImageId"] else {
            throw CloudRefusal("MissingParameter", "The request must contain the parameter ImageId")
        }
        let known = [EC2Facade.image, EC2Facade.newerImage] + settings.brokenImages
        guard known.contains(image) else {
            throw CloudRefusal("InvalidAMIID.NotFound", "The image id '[\(image)]' does not exist")
        }
        guard parameters["MinCount"] == "1", parameters["MaxCount"] == "1" else {
            throw CloudRefusal("InvalidParameterValue", "this façade launches one instance at a time")
        }
        if let text = parameters["UserData"], Data(base64Encoded: text) == nil {
            throw CloudRefusal("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data")
        }
        let token = settings.heedsClientTokens ? parameters["ClientToken"] : nil
        if let token, token.utf8.count > 64 {
            throw CloudRefusal("InvalidParameterValue", "ClientToken is longer than 64 characters")
        }
        if let token, let before = tokens[token] {
            guard before.parameters == parameters else {
                throw CloudRefusal(
                    "IdempotentParameterMismatch",
                    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
            }
            try endDryRun(request)
            return try reservation(of: before.instance)
        }
        try endDryRun(request)
        let id = try launch(request, image: image)
        if let token { tokens[token] = (parameters, id) }
        return try reservation(of: id)
    }

    private mutating func launch(_ request: CloudRequest, image: String) throws(CloudRefusal) -> String {
        let parameters = request.parameters
        var tags: [String: String] = [:]
        for number in request.entries("TagSpecification")
        where parameters["TagSpecification.\(number).ResourceType"] == "instance" {
            for tag in request.tags("TagSpecification.\(number).Tag") { tags[tag.key] = tag.value ?? "" }
        }
        let specification = LaunchSpecification(
            image: ImageID(image), name: tags["Name"] ?? "", tags: tags, properties: [:],
            patch: PatchPolicy(scope: .none))
        let launch = LaunchRequest(
            token: LaunchToken(
                settings.heedsClientTokens ? parameters["ClientToken"] ?? UUID().uuidString : UUID().uuidString),
            specification: specification,
            ownershipTags: [:])
        switch cloud.carryOut(.launch(launch)) {
        case .failure(let error): throw Self.refusal(of: error)
        case .success(.done): throw CloudRefusal("InternalError", "nothing was launched", status: 500)
        case .success(.launched(let instance)):
            let number = Int(instance.id.rawValue.dropFirst(2)) ?? 0
            let id = Self.id(number)
            let subnet =
                parameters["SubnetId"] ?? parameters["NetworkInterface.1.SubnetId"] ?? "subnet-0000000000000000a"
            let groups = request.list("SecurityGroupId") + request.list("NetworkInterface.1.SecurityGroupId")
            records[id] = Record(
                number: number, type: parameters["InstanceType"] ?? "m1.small", subnet: subnet,
                zone: settings.region + subnet.suffix(1),
                groups: groups.isEmpty ? ["sg-00000000000000001"] : groups,
                profile: parameters["IamInstanceProfile.Arn"], key: parameters["KeyName"],
                userData: parameters["UserData"], token: parameters["ClientToken"],
                launchedAtMilliseconds: cloud.clock.wallTime.milliseconds)
            return id
        }
    }

    private func reservation(of id: String) throws(CloudRefusal) -> String {
        guard let record = records[id], let instance = truth(id)?.instance else { throw Self.notFound(id) }
        return XMLText.element("reservationId", "r-" + id.dropFirst(2)) + XMLText.element("ownerId", settings.account)
            + "<groupSet/>" + XMLText.list("instancesSet", [instanceXML(id, record, instance)])
    }

    private static func refusal(of error: ProviderError) -> CloudRefusal {
        switch error.code {
        case .capacity:
            CloudRefusal(
                "InsufficientInstanceCapacity",
                "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested.",
                status: 500)
        case .quota:
            CloudRefusal(
                "VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit allows.")
        case .terminationProtected:
            CloudRefusal(
                "OperationNotPermitted",
                "The instance may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
            )
        case .instanceNotFound: CloudRefusal("InvalidInstanceID.NotFound", "The instance does not exist")
        case .invalidState:
            CloudRefusal("IncorrectInstanceState", "The instance is not in a state from which it can be so changed.")
        default: CloudRefusal("InternalError", error.detail, status: 500)
        }
    }

    /// Carries a change out on one instance; one that a lagging read does not yet show is not found.
    private func change(_ id: String, _ call: (InstanceID) -> CallRequest) throws(CloudRefusal) {
        guard records[id] != nil, let key = Self.key(id) else { throw Self.notFound(id) }
        if case .failure(let error) = cloud.carryOut(call(key)) { throw Self.refusal(of: error) }
    }

    mutating func changeState(_ request: CloudRequest) throws(CloudRefusal) -> String {
        let ids = request.list("InstanceId")
        guard !ids.isEmpty else {
            throw CloudRefusal("MissingParameter", "The request must contain the parameter InstanceId")
        }
        for id in ids where records[id] == nil { throw Self.notFound(id) }
        if request.action == "TerminateInstances" {
            for id in ids where truth(id)?.instance.isTerminationProtected == true {
                throw Self.refusal(of: ProviderError(.terminationProtected, operation: "", detail: ""))
            }
        }
        try endDryRun(request)
        var items: [String] = []
        for id in ids {
            let before = truth(id)?.instance.state ?? .pending
            try change(id) { key in
                switch request.action {
                case "StopInstances": .stop(key)
                case "StartInstances": .start(key)
                default: .terminate(key)
                }
            }
            let after = truth(id)?.instance.state ?? .pending
            if after == .terminating || after == .terminated { releaseEverything(of: id) }
            items.append(
                XMLText.element("instanceId", id) + Self.stateXML("currentState", after)
                    + Self.stateXML("previousState", before))
        }
        return XMLText.list("instancesSet", items)
    }

    private mutating func releaseEverything(of id: String) {
        for key in allocations.keys where allocations[key]?.instance == id {
            allocations[key]?.instance = nil
            allocations[key]?.association = nil
        }
    }

    mutating func changeTags(_ request: CloudRequest) throws(CloudRefusal) -> String {
        let ids = request.list("ResourceId")
        for id in ids where records[id] == nil {
            throw id.hasPrefix("i-") ? Self.notFound(id) : CloudRefusal("InvalidID", "The ID '\(id)' is not valid")
        }
        try endDryRun(request)
        let tags = request.tags("Tag")
        for id in ids {
            let present = truth(id)?.instance.tags ?? [:]
            let changes = tags.compactMap { tag -> TagChange? in
                guard request.action == "DeleteTags" else { return TagChange(tag.key, tag.value ?? "") }
                // A value that is given must fit, else the tag stays.
                if let value = tag.value, present[tag.key] != value { return nil }
                return TagChange(tag.key, nil)
            }
            try change(id) { .tag($0, changes) }
        }
        return XMLText.element("return", "true")
    }
}
