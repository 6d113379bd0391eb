import Crypto
import Foundation
import Workflow

/// Builds the parameters of RunInstances of a launch's properties (EC2 API Reference, RunInstances); pure.
struct RunInstancesRequest {
    let launch: LaunchRequest
    /// The user data to send, not yet in Base64; `nil` for none.
    let userData: [UInt8]?
    /// Whether first boot is ours to follow.
    let hasFirstBootScript: Bool

    /// How often the launch can be tried: once as specified and once for each alternative.
    var variantCount: Int { 1 + launch.specification.alternatives.count }

    /// The properties of a variant; 0 is the specification's own.
    func properties(variant: Int) -> [String: String] {
        let own = launch.specification.properties
        guard variant > 0 else { return own.filter { !$0.value.isEmpty } }
        return EC2Property.merging(own, with: launch.specification.alternatives[variant - 1])
    }

    /// The parameters of a variant with its client token.
    func parameters(variant: Int) throws(ProviderError) -> [String: String] {
        var parameters = try plainParameters(properties(variant: variant))
        parameters["ClientToken"] = Self.clientToken(
            launch: launch.token, variant: variant, parameters: parameters)
        return parameters
    }

    /// The client token of a request: the identical request has the same, any other has another.
    ///
    /// At most 64 ASCII characters (EC2 API Reference, Ensuring idempotency).
    static func clientToken(launch: LaunchToken, variant: Int, parameters: [String: String]) -> String {
        var hash = SHA256()
        for text in [launch.rawValue, "\(variant)"] { hash.update(data: field(text)) }
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            hash.update(data: field(name))
            hash.update(data: field(value))
        }
        return ContentDigest.hexadecimal(hash.finalize())
    }

    /// A text with its length before it, so that no two lists of texts look alike.
    private static func field(_ text: String) -> Data { Data("\(text.utf8.count):\(text)".utf8) }

    private func plainParameters(_ properties: [String: String]) throws(ProviderError) -> [String: String] {
        let specification = launch.specification
        guard let type = properties[EC2Property.type] else {
            throw ProviderError(
                .invalidRequest, operation: "launch \(specification.name)",
                detail: "nothing says which instance type the replacement shall have; add `type` to `inherit`")
        }
        var parameters = [
            "ImageId": specification.image.rawValue, "InstanceType": type, "MinCount": "1", "MaxCount": "1",
        ]
        for (property, parameter) in Self.plainNames { parameters[parameter] = properties[property] }
        for option in EC2Property.metadataOptions {
            let name = option.prefix(1).uppercased() + option.dropFirst()
            parameters["MetadataOptions.\(name)"] = properties[EC2Property.metadataPrefix + option]
        }
        if Self.isBurstable(type) { parameters["CreditSpecification.CpuCredits"] = properties[EC2Property.credits] }
        addNetwork(properties, to: &parameters)
        addDisks(properties, to: &parameters)
        addTags(to: &parameters)
        if let userData { parameters["UserData"] = Data(userData).base64EncodedString() }
        return parameters
    }

    private static let plainNames = [
        EC2Property.key: "KeyName", EC2Property.role: "IamInstanceProfile.Arn",
        EC2Property.ebsOptimized: "EbsOptimized", EC2Property.monitoring: "Monitoring.Enabled",
        EC2Property.tenancy: "Placement.Tenancy", EC2Property.placementGroup: "Placement.GroupName",
        EC2Property.placementPartition: "Placement.PartitionNumber",
        EC2Property.shutdownBehavior: "InstanceInitiatedShutdownBehavior",
        EC2Property.hibernation: "HibernationOptions.Configured", EC2Property.enclave: "EnclaveOptions.Enabled",
        EC2Property.hostnameType: "PrivateDnsNameOptions.HostnameType",
        EC2Property.cores: "CpuOptions.CoreCount", EC2Property.threadsPerCore: "CpuOptions.ThreadsPerCore",
        EC2Property.capacityReservationPreference: "CapacityReservationSpecification.CapacityReservationPreference",
    ]

    /// Whether a type earns CPU credits: the families `t2`, `t3`, `t3a`, `t4g` and whatever follows them.
    static func isBurstable(_ type: String) -> Bool {
        let family = type.prefix { $0 != "." }
        return family.first == "t" && family != "t1" && family.dropFirst().first?.isNumber == true
    }

    private func addNetwork(_ properties: [String: String], to parameters: inout [String: String]) {
        let groups = (properties[EC2Property.securityGroups] ?? "").split(separator: ",").map(String.init)
        guard let subnet = properties[EC2Property.subnet] else {
            parameters["Placement.AvailabilityZone"] = properties[EC2Property.zone]
            Self.add(groups, as: "SecurityGroupId", to: &parameters)
            return
        }
        // Whether there is a public address can only be said of a network interface, and then all of it goes there.
        parameters["NetworkInterface.1.DeviceIndex"] = "0"
        parameters["NetworkInterface.1.SubnetId"] = subnet
        parameters["NetworkInterface.1.DeleteOnTermination"] = "true"
        parameters["NetworkInterface.1.AssociatePublicIpAddress"] = properties[EC2Property.publicAddress]
        parameters["NetworkInterface.1.Ipv6AddressCount"] = properties[EC2Property.addressCountIPv6]
        Self.add(groups, as: "NetworkInterface.1.SecurityGroupId", to: &parameters)
    }

    private func addDisks(_ properties: [String: String], to parameters: inout [String: String]) {
        let disks = properties.keys.filter { $0.hasPrefix(EC2Property.diskPrefix) }.sorted()
        for (number, name) in disks.enumerated() {
            let prefix = "BlockDeviceMapping.\(number + 1)"
            parameters["\(prefix).DeviceName"] = String(name.dropFirst(EC2Property.diskPrefix.count))
            let disk = EC2Disk(text: properties[name] ?? "")
            for (field, value) in disk.parameters { parameters["\(prefix).Ebs.\(field)"] = value }
        }
    }

    /// All tags that the instance is launched with.
    var tags: [String: String] {
        var tags = launch.specification.tags
        let name = launch.specification.name
        if tags["Name"] == nil, !name.isEmpty, !name.hasPrefix("i-") { tags["Name"] = name }
        tags.merge(launch.ownershipTags) { $1 }
        tags[EC2Property.firstBootTag] = hasFirstBootScript ? "script" : "none"
        return tags
    }

    private func addTags(to parameters: inout [String: String]) {
        let tags = tags.sorted { $0.key < $1.key }
        for (number, resource) in ["instance", "volume", "network-interface"].enumerated() {
            parameters["TagSpecification.\(number + 1).ResourceType"] = resource
            for (position, tag) in tags.enumerated() {
                parameters["TagSpecification.\(number + 1).Tag.\(position + 1).Key"] = tag.key
                parameters["TagSpecification.\(number + 1).Tag.\(position + 1).Value"] = tag.value
            }
        }
    }

    private static func add(_ values: [String], as name: String, to parameters: inout [String: String]) {
        for (number, value) in values.enumerated() { parameters["\(name).\(number + 1)"] = value }
    }
}
