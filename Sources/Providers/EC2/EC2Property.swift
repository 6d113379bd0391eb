import Workflow

/// The names of the properties of instances and launch specifications of the EC2 provider.
enum EC2Property {
    static let type = "type"
    static let architecture = "architecture"
    static let subnet = "subnet"
    static let network = "vpc"
    static let zone = "zone"
    static let securityGroups = "securityGroups"
    static let role = "role"
    static let key = "key"
    static let rootDeviceName = "rootDevice"
    static let rootDeviceType = "rootDeviceType"
    static let ebsOptimized = "ebsOptimized"
    static let tenancy = "tenancy"
    static let placementGroup = "placementGroup"
    static let placementPartition = "placementPartition"
    static let monitoring = "detailedMonitoring"
    static let lifecycle = "lifecycle"
    static let sourceDestinationCheck = "sourceDestinationCheck"
    static let hibernation = "hibernation"
    static let enclave = "enclave"
    static let shutdownBehavior = "shutdownBehavior"
    static let hostnameType = "hostnameType"
    static let credits = "credits"
    static let publicAddress = "publicAddress"
    static let addressCountIPv6 = "ipv6Addresses"
    static let userDataFrom = "userDataFrom"
    static let userDataDigest = "userDataDigest"
    static let cores = "cpuCores"
    static let threadsPerCore = "cpuThreadsPerCore"
    static let capacityReservationPreference = "capacityReservation"

    /// What the metadata options begin with, followed by EC2's own name for each.
    static let metadataPrefix = "metadata."
    /// What the disks begin with, followed by the device's name.
    static let diskPrefix = "disk."

    /// EC2's names of the metadata options, in answers; requests begin them with a capital.
    static let metadataOptions = [
        "httpTokens", "httpPutResponseHopLimit", "httpEndpoint", "httpProtocolIpv6", "instanceMetadataTags",
    ]

    /// The tag that tells how first boot can be followed: `script` or `none`.
    static let firstBootTag = OwnershipTag.prefix + "first-boot"

    /// Properties with those of an alternative put over them; an empty value takes a property away.
    static func merging(_ properties: [String: String], with changes: [String: String]) -> [String: String] {
        properties.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }
}
