public import AWSClient
public import Workflow

/// Makes instances of the items of DescribeInstances and RunInstances (EC2 API Reference, Instance).
public enum EC2InstanceDecoder {
    /// The instance that an `item` of `instancesSet` describes; throws `malformedAnswer` for anything else.
    public static func instance(
        from item: AWSElement, usesPublicAddress: Bool = false
    ) throws(AWSError) -> Instance {
        guard let id = item.text("instanceId"), !id.isEmpty, let state = state(of: item) else {
            throw AWSError(
                .malformedAnswer, action: "DescribeInstances", detail: "an instance without id or state",
                isRetryable: true)
        }
        let tags = tags(in: item)
        let name = tags["Name"].flatMap { $0.isEmpty ? nil : $0 } ?? id
        let address = item.text(usesPublicAddress ? "ipAddress" : "privateIpAddress")
        return Instance(
            id: InstanceID(id), name: name, state: state, image: ImageID(item.text("imageId") ?? ""),
            address: address.flatMap { $0.isEmpty ? nil : $0 }, tags: tags,
            launchedAt: item.text("launchTime").flatMap(RFC3339Timestamp.parse), properties: properties(of: item))
    }

    /// The instances of an `item` of `reservationSet`.
    static func observations(
        in reservation: AWSElement, usesPublicAddress: Bool
    ) throws(AWSError) -> [EC2Observation] {
        var observations: [EC2Observation] = []
        for item in reservation.items("instancesSet") {
            observations.append(try observation(from: item, usesPublicAddress: usesPublicAddress))
        }
        return observations
    }

    /// The whole of what an `item` of `instancesSet` describes.
    static func observation(
        from item: AWSElement, usesPublicAddress: Bool
    ) throws(AWSError) -> EC2Observation {
        let reservation = item["capacityReservationSpecification"]
        let isManaged = item.text("operator", "managed") == "true"
        return EC2Observation(
            instance: try instance(from: item, usesPublicAddress: usesPublicAddress),
            interfaces: item.items("networkInterfaceSet").map(interface),
            volumes: item.items("blockDeviceMapping").compactMap(volume),
            hostID: known(item.text("placement", "hostId")), outpost: known(item.text("outpostArn")),
            capacityReservation: known(
                reservation?.text("capacityReservationTarget", "capacityReservationId")
                    ?? reservation?.text("capacityReservationTarget", "capacityReservationResourceGroupArn")),
            capacityReservationPreference: known(reservation?.text("capacityReservationPreference")),
            licenses: item.items("licenseSet").compactMap { $0.text("licenseConfigurationArn") },
            managedBy: isManaged ? item.text("operator", "principal") ?? "an AWS service" : nil,
            cores: known(item.text("cpuOptions", "coreCount")),
            threadsPerCore: known(item.text("cpuOptions", "threadsPerCore")),
            partition: known(item.text("placement", "partitionNumber")),
            hostnameType: known(item.text("privateDnsNameOptions", "hostnameType")))
    }

    /// The state of the low byte of its code; the high byte is for internal purposes (EC2 API Reference, InstanceState).
    private static func state(of item: AWSElement) -> InstanceState? {
        switch item.text("instanceState", "code").flatMap({ Int($0) }).map({ $0 & 0xFF }) {
        case 0: .pending
        case 16: .running
        case 32: .terminating
        case 48: .terminated
        case 64: .stopping
        case 80: .stopped
        default: nil
        }
    }

    private static func tags(in item: AWSElement) -> [String: String] {
        item.items("tagSet").reduce(into: [:]) { tags, tag in
            guard let key = tag.text("key") else { return }
            tags[key] = tag.text("value") ?? ""
        }
    }

    /// What stays as it is while an instance lives and is not changed by anyone.
    private static func properties(of item: AWSElement) -> [String: String] {
        // The groups of an instance are those of its first interface.
        let primary = item.items("networkInterfaceSet").first { $0.text("attachment", "deviceIndex") == "0" }
        let own = item.items("groupSet")
        let groups = (own.isEmpty ? primary?.items("groupSet") ?? [] : own)
            .compactMap { $0.text("groupId") }.sorted().joined(separator: ",")
        var found: [String: String?] = [
            EC2Property.type: item.text("instanceType"), EC2Property.architecture: item.text("architecture"),
            EC2Property.subnet: item.text("subnetId"), EC2Property.network: item.text("vpcId"),
            EC2Property.zone: item.text("placement", "availabilityZone"), EC2Property.securityGroups: groups,
            EC2Property.role: item.text("iamInstanceProfile", "arn"), EC2Property.key: item.text("keyName"),
            EC2Property.rootDeviceName: item.text("rootDeviceName"),
            EC2Property.rootDeviceType: item.text("rootDeviceType"),
            EC2Property.ebsOptimized: item.text("ebsOptimized"),
            EC2Property.tenancy: item.text("placement", "tenancy"),
            EC2Property.placementGroup: item.text("placement", "groupName"),
            EC2Property.lifecycle: item.text("instanceLifecycle"),
            EC2Property.sourceDestinationCheck: item.text("sourceDestCheck"),
            EC2Property.hibernation: item.text("hibernationOptions", "configured"),
            EC2Property.enclave: item.text("enclaveOptions", "enabled"),
        ]
        if let monitoring = item.text("monitoring", "state") {
            found[EC2Property.monitoring] = "\(monitoring == "enabled" || monitoring == "pending")"
        }
        for option in EC2Property.metadataOptions {
            found[EC2Property.metadataPrefix + option] = item.text("metadataOptions", option)
        }
        return found.compactMapValues(known)
    }

    private static func interface(_ item: AWSElement) -> EC2Observation.Interface {
        let addresses = item.items("privateIpAddressesSet")
        let secondary = addresses.filter { $0.text("primary") != "true" }.compactMap { $0.text("privateIpAddress") }
        return EC2Observation.Interface(
            id: item.text("networkInterfaceId") ?? "",
            deviceIndex: item.text("attachment", "deviceIndex").flatMap { Int($0) } ?? 0,
            primaryAddress: known(item.text("privateIpAddress")), secondaryAddresses: secondary,
            addressCountIPv6: item.items("ipv6AddressesSet").count,
            prefixCount: item.items("ipv4PrefixSet").count + item.items("ipv6PrefixSet").count,
            publicAddress: known(item.text("association", "publicIp")),
            publicAddressOwner: known(item.text("association", "ipOwnerId")))
    }

    private static func volume(_ item: AWSElement) -> EC2Observation.Volume? {
        guard let device = item.text("deviceName"), let id = item.text("ebs", "volumeId") else { return nil }
        return EC2Observation.Volume(
            device: device, id: id, isDeletedOnTermination: item.text("ebs", "deleteOnTermination") == "true",
            attachedAt: item.text("ebs", "attachTime").flatMap(RFC3339Timestamp.parse))
    }

    private static func known(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
}
