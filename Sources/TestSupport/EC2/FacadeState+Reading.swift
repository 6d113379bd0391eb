internal import Foundation
internal import Providers
internal import Workflow

// What EC2 says of instances and what belongs to them.
extension FacadeState {
    private static let states: [InstanceState: (code: Int, name: String)] = [
        .pending: (0, "pending"), .running: (16, "running"), .terminating: (32, "shutting-down"),
        .terminated: (48, "terminated"), .stopping: (64, "stopping"), .stopped: (80, "stopped"),
    ]
    static let vpc = "vpc-00000000000000001"

    static func stateName(_ state: InstanceState) -> String { states[state]?.name ?? "" }

    static func stateXML(_ name: String, _ state: InstanceState) -> String {
        let (code, text) = states[state] ?? (0, "")
        return XMLText.around(name, XMLText.element("code", "\(code)") + XMLText.element("name", text))
    }

    static func notFound(_ id: String) -> CloudRefusal {
        guard key(id) != nil else { return CloudRefusal("InvalidInstanceID.Malformed", "Invalid id: \"\(id)\"") }
        return CloudRefusal("InvalidInstanceID.NotFound", "The instance ID '\(id)' does not exist")
    }

    // MARK: DescribeInstances

    func describeInstances(_ request: CloudRequest) throws(CloudRefusal) -> String {
        try endDryRun(request)
        let moment = cloud.readMoment()
        let named = request.list("InstanceId")
        guard named.isEmpty || request.parameters["MaxResults"] == nil else {
            throw CloudRefusal(
                "InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults"
            )
        }
        for id in named where shown(id, at: moment) == nil { throw Self.notFound(id) }
        var found: [(id: String, record: Record, instance: Instance)] = []
        for (id, record) in records.sorted(by: { $0.value.number < $1.value.number }) {
            guard named.isEmpty || named.contains(id), let instance = shown(id, at: moment) else { continue }
            if try fits(request, id, record, instance) { found.append((id, record, instance)) }
        }
        let start = Int(request.parameters["NextToken"]?.dropFirst(5) ?? "0") ?? 0
        let size = request.parameters["MaxResults"].flatMap { Int($0) } ?? 1000
        guard 5...1000 ~= size else { throw CloudRefusal("InvalidParameterValue", "Value (\(size)) for MaxResults") }
        let page = found.dropFirst(start).prefix(size)
        let next = start + page.count < found.count ? "page-\(start + page.count)" : nil
        let reservations = page.map { id, record, instance in
            XMLText.element("reservationId", "r-" + id.dropFirst(2)) + XMLText.element("ownerId", settings.account)
                + "<groupSet/>" + XMLText.list("instancesSet", [instanceXML(id, record, instance)])
        }
        return XMLText.list("reservationSet", reservations) + XMLText.element("nextToken", next)
    }

    func shown(_ id: String, at moment: Int64) -> Instance? {
        Self.key(id).flatMap { cloud.shown($0, at: moment) }
    }

    private func fits(
        _ request: CloudRequest, _ id: String, _ record: Record, _ instance: Instance
    ) throws(CloudRefusal) -> Bool {
        for number in request.entries("Filter") {
            let name = request.parameters["Filter.\(number).Name"] ?? ""
            let values = request.list("Filter.\(number).Value")
            let own: [String]
            switch name {
            case "instance-id": own = [id]
            case "instance-state-name": own = [Self.stateName(instance.state)]
            case "private-ip-address": own = [address(record)]
            case "client-token": own = [record.token].compactMap(\.self)
            case "tag-key": own = Array(instance.tags.keys)
            case "image-id": own = [instance.image.rawValue]
            case "subnet-id": own = [record.subnet]
            case "vpc-id": own = [Self.vpc]
            case let name where name.hasPrefix("tag:"):
                own = [instance.tags[String(name.dropFirst(4))]].compactMap(\.self)
            default: throw CloudRefusal("InvalidParameterValue", "The filter '\(name)' is invalid")
            }
            if !own.contains(where: { text in values.contains { fnmatch($0, text, 0) == 0 } }) { return false }
        }
        return true
    }

    func instanceXML(_ id: String, _ record: Record, _ instance: Instance) -> String {
        let launched = Date(timeIntervalSince1970: TimeInterval(record.launchedAtMilliseconds / 1000))
        let hasAddress = instance.state != .terminated && instance.state != .terminating
        let publicAddress = allocations.values.first { $0.instance == id }?.publicAddress
        let tags = instance.tags.sorted { $0.key < $1.key }.map {
            XMLText.element("key", $0.key) + XMLText.element("value", $0.value)
        }
        let groups = record.groups.map { XMLText.element("groupId", $0) + XMLText.element("groupName", "web") }
        let profile = record.profile.map {
            XMLText.around("iamInstanceProfile", XMLText.element("arn", $0) + XMLText.element("id", "AIPATEST"))
        }
        var xml = XMLText.element("instanceId", id) + XMLText.element("imageId", instance.image.rawValue)
        xml +=
            Self.stateXML("instanceState", instance.state)
            + "<reason/><amiLaunchIndex>0</amiLaunchIndex><productCodes/>"
        xml += XMLText.element("instanceType", record.type) + XMLText.element("keyName", record.key)
        xml += XMLText.element("launchTime", ISO8601DateFormatter().string(from: launched))
        xml += XMLText.around(
            "placement",
            XMLText.element("availabilityZone", record.zone) + "<groupName/>" + XMLText.element("tenancy", "default"))
        xml += XMLText.around("monitoring", XMLText.element("state", "disabled"))
        if hasAddress {
            xml += XMLText.element("subnetId", record.subnet) + XMLText.element("vpcId", Self.vpc)
            xml += XMLText.element("privateIpAddress", address(record)) + XMLText.element("ipAddress", publicAddress)
            xml += interfaceXML(id, record, groups)
        }
        xml += XMLText.element("sourceDestCheck", "true") + XMLText.list("groupSet", groups)
        xml += XMLText.element("architecture", "x86_64") + XMLText.element("rootDeviceType", "ebs")
        xml += XMLText.element("rootDeviceName", "/dev/xvda") + disksXML(record, instance)
        xml += XMLText.element("virtualizationType", "hvm") + XMLText.element("clientToken", record.token ?? "")
        xml += XMLText.list("tagSet", tags) + XMLText.element("hypervisor", "xen") + (profile ?? "")
        xml += XMLText.element("ebsOptimized", "false")
        xml += XMLText.around(
            "metadataOptions",
            "<state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit>"
                + "<httpEndpoint>enabled</httpEndpoint>")
        return xml
    }

    private func interfaceXML(_ id: String, _ record: Record, _ groups: [String]) -> String {
        let interface =
            XMLText.element("networkInterfaceId", "eni-" + id.dropFirst(2)) + XMLText.element("subnetId", record.subnet)
            + XMLText.element("vpcId", Self.vpc) + XMLText.element("ownerId", settings.account)
            + XMLText.element("status", "in-use") + XMLText.element("privateIpAddress", address(record))
            + XMLText.element("sourceDestCheck", "true") + XMLText.list("groupSet", groups)
            + "<attachment><attachmentId>eni-attach-1</attachmentId><deviceIndex>0</deviceIndex><status>attached</status>"
            + "<deleteOnTermination>true</deleteOnTermination></attachment>"
            + XMLText.list(
                "privateIpAddressesSet",
                [XMLText.element("privateIpAddress", address(record)) + XMLText.element("primary", "true")])
            + "<interfaceType>interface</interfaceType>"
        return XMLText.list("networkInterfaceSet", [interface])
    }

    private func disksXML(_ record: Record, _ instance: Instance) -> String {
        guard instance.state != .terminated else { return "<blockDeviceMapping/>" }
        let volume = "vol-" + Self.id(record.number).dropFirst(2)
        return XMLText.list(
            "blockDeviceMapping",
            [
                "<deviceName>/dev/xvda</deviceName><ebs><volumeId>\(volume)</volumeId><status>attached</status>"
                    + "<deleteOnTermination>true</deleteOnTermination></ebs>"
            ])
    }

    // MARK: The other reads

    func describeInstanceStatus(_ request: CloudRequest) throws(CloudRefusal) -> String {
        try endDryRun(request)
        let moment = cloud.readMoment()
        let named = request.list("InstanceId")
        for id in named where shown(id, at: moment) == nil { throw Self.notFound(id) }
        let all = request.parameters["IncludeAllInstances"] == "true"
        let items = records.sorted { $0.value.number < $1.value.number }.compactMap { id, record -> String? in
            guard named.isEmpty || named.contains(id), let instance = shown(id, at: moment),
                all || instance.state == .running
            else { return nil }
            let status = instance.state == .running ? "ok" : "not-applicable"
            let detail =
                "<status>\(status)</status><details><item><name>reachability</name><status>passed</status></item></details>"
            return XMLText.element("instanceId", id) + XMLText.element("availabilityZone", record.zone)
                + Self.stateXML("instanceState", instance.state) + XMLText.around("systemStatus", detail)
                + XMLText.around("instanceStatus", detail)
        }
        return XMLText.list("instanceStatusSet", items)
    }

    func describeInstanceAttribute(_ request: CloudRequest) throws(CloudRefusal) -> String {
        try endDryRun(request)
        let id = request.parameters["InstanceId"] ?? ""
        guard let record = records[id], let instance = shown(id, at: cloud.readMoment()) else {
            throw Self.notFound(id)
        }
        let name = request.parameters["Attribute"] ?? ""
        let value: String?
        switch name {
        case "userData": value = record.userData
        case "disableApiTermination": value = "\(instance.isTerminationProtected)"
        case "disableApiStop": value = "false"
        case "instanceInitiatedShutdownBehavior": value = "stop"
        case "instanceType": value = record.type
        case "rootDeviceName": value = "/dev/xvda"
        case "ebsOptimized", "enaSupport": value = "false"
        case "sourceDestCheck": value = "true"
        default: throw CloudRefusal("InvalidParameterValue", "Value (\(name)) for parameter attribute is invalid.")
        }
        return XMLText.element("instanceId", id) + XMLText.around(name, XMLText.element("value", value))
    }

    func consoleOutput(_ request: CloudRequest) throws(CloudRefusal) -> String {
        try endDryRun(request)
        let id = request.parameters["InstanceId"] ?? ""
        guard records[id] != nil, let machine = truth(id) else { throw Self.notFound(id) }
        let text = machine.instance.state == .running ? "cloud-init: finished\nlogin:\n" : ""
        return XMLText.element("instanceId", id)
            + XMLText.element("timestamp", ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: 0)))
            + XMLText.element("output", Data(text.utf8).base64EncodedString())
    }

    func launchTemplateData(_ request: CloudRequest) throws(CloudRefusal) -> String {
        try endDryRun(request)
        let id = request.parameters["InstanceId"] ?? ""
        guard let record = records[id], let instance = shown(id, at: cloud.readMoment()) else {
            throw Self.notFound(id)
        }
        let disk =
            "<deviceName>/dev/xvda</deviceName><ebs><encrypted>false</encrypted><deleteOnTermination>true"
            + "</deleteOnTermination><iops>3000</iops><snapshotId>snap-00000000000000001</snapshotId><volumeSize>8"
            + "</volumeSize><volumeType>gp3</volumeType><throughput>125</throughput></ebs>"
        let interface =
            "<associatePublicIpAddress>false</associatePublicIpAddress><deleteOnTermination>true</deleteOnTermination>"
            + "<description/><deviceIndex>0</deviceIndex>"
            + XMLText.around("groupSet", record.groups.map { XMLText.element("groupId", $0) }.joined())
            + "<ipv6AddressesSet/>"
            + XMLText.list(
                "privateIpAddressesSet",
                [XMLText.element("primary", "true") + XMLText.element("privateIpAddress", address(record))])
            + XMLText.element("subnetId", record.subnet)
        let tags = instance.tags.sorted { $0.key < $1.key }.map {
            XMLText.element("key", $0.key) + XMLText.element("value", $0.value)
        }
        var data = "<ebsOptimized>false</ebsOptimized>"
        data += record.profile.map { XMLText.around("iamInstanceProfile", XMLText.element("arn", $0)) } ?? ""
        data += XMLText.list("blockDeviceMappingSet", [disk]) + XMLText.list("networkInterfaceSet", [interface])
        data += XMLText.element("imageId", instance.image.rawValue) + XMLText.element("instanceType", record.type)
        data += XMLText.element("keyName", record.key) + "<monitoring><enabled>false</enabled></monitoring>"
        data += XMLText.around(
            "placement", XMLText.element("availabilityZone", record.zone) + "<groupName/><tenancy>default</tenancy>")
        data += XMLText.element("disableApiTermination", "\(instance.isTerminationProtected)")
        data += "<instanceInitiatedShutdownBehavior>stop</instanceInitiatedShutdownBehavior>"
        data += XMLText.element("userData", record.userData)
        data += XMLText.list(
            "tagSpecificationSet", ["<resourceType>instance</resourceType>" + XMLText.list("tagSet", tags)])
        data += XMLText.list("securityGroupIdSet", record.groups.map(XMLText.escaped)) + "<securityGroupSet/>"
        data += "<metadataOptions><httpTokens>required</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit>"
        data += "<httpEndpoint>enabled</httpEndpoint></metadataOptions>"
        data += "<creditSpecification><cpuCredits>standard</cpuCredits></creditSpecification>"
        return XMLText.around("launchTemplateData", data)
    }

    func describeImages(_ request: CloudRequest) throws(CloudRefusal) -> String {
        try endDryRun(request)
        let known = [EC2Facade.image, EC2Facade.newerImage] + settings.brokenImages.sorted()
        let named = request.list("ImageId")
        for id in named where !known.contains(id) {
            throw CloudRefusal("InvalidAMIID.NotFound", "The image id '[\(id)]' does not exist")
        }
        let patterns = request.entries("Filter").filter { request.parameters["Filter.\($0).Name"] == "name" }
            .flatMap { request.list("Filter.\($0).Value") }
        let wanted = known.enumerated().filter { index, id in
            let fits = patterns.isEmpty || patterns.contains { fnmatch($0, "web-\(index + 1)", 0) == 0 }
            return fits && (named.isEmpty || named.contains(id))
        }
        let items = wanted.map { index, id in
            XMLText.element("imageId", id) + XMLText.element("imageLocation", "\(settings.account)/web-\(index + 1)")
                + XMLText.element("imageState", "available") + XMLText.element("imageOwnerId", settings.account)
                + XMLText.element("creationDate", "2026-0\(index + 1)-01T00:00:00.000Z")
                + XMLText.element("isPublic", "false") + XMLText.element("architecture", "x86_64")
                + XMLText.element("imageType", "machine") + XMLText.element("name", "web-\(index + 1)")
                + XMLText.element("rootDeviceType", "ebs") + XMLText.element("rootDeviceName", "/dev/xvda")
                + XMLText.list("blockDeviceMapping", [Self.imageDisk])
                + XMLText.element("virtualizationType", "hvm") + XMLText.element("hypervisor", "xen")
        }
        return XMLText.list("imagesSet", items)
    }

    private static let imageDisk =
        "<deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-00000000000000001</snapshotId><volumeSize>8</volumeSize>"
        + "<deleteOnTermination>true</deleteOnTermination><volumeType>gp3</volumeType><encrypted>false</encrypted></ebs>"

    func describeSubnets(_ request: CloudRequest) -> String {
        let named = request.list("SubnetId")
        let items = ["a", "b"].compactMap { letter -> String? in
            let id = "subnet-0000000000000000\(letter)"
            guard named.isEmpty || named.contains(id) else { return nil }
            return XMLText.element("subnetId", id) + XMLText.element("state", "available")
                + XMLText.element("vpcId", Self.vpc) + XMLText.element("cidrBlock", block + "0/24")
                + XMLText.element("availableIpAddressCount", "200")
                + XMLText.element("availabilityZone", settings.region + letter)
        }
        return XMLText.list("subnetSet", items)
    }
}
