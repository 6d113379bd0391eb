import Workflow

/// One instance as DescribeInstances tells it: what all clouds share, and what only EC2 has.
struct EC2Observation: Sendable, Hashable {
    /// A network interface.
    struct Interface: Sendable, Hashable {
        var id: String
        var deviceIndex: Int
        var primaryAddress: String?
        var secondaryAddresses: [String]
        var addressCountIPv6: Int
        var prefixCount: Int
        var publicAddress: String?
        /// `amazon` for an address that goes with the instance, else the account of the elastic address.
        var publicAddressOwner: String?
    }

    /// A volume that is attached.
    struct Volume: Sendable, Hashable {
        var device: String
        var id: String
        var isDeletedOnTermination: Bool
        var attachedAt: WallTime?
    }

    /// What all clouds share.
    var instance: Instance
    var interfaces: [Interface]
    var volumes: [Volume]
    var hostID: String?
    var outpost: String?
    var capacityReservation: String?
    var capacityReservationPreference: String?
    var licenses: [String]
    /// Who manages the instance, when that is not its owner, such as EKS auto mode.
    var managedBy: String?
    var cores: String?
    var threadsPerCore: String?
    var partition: String?
    var hostnameType: String?

    /// The interface that the instance was launched with.
    var primaryInterface: Interface? { interfaces.first { $0.deviceIndex == 0 } }
    /// The volume of the root device.
    var rootVolume: Volume? {
        volumes.first { $0.device == instance.properties[EC2Property.rootDeviceName] }
    }
}
