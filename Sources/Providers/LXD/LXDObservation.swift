import LXDClient
import Workflow

/// One read of an instance in the words of the port; pure.
struct LXDObservation: Sendable {
    let instance: LXDInstance
    /// The interface whose address counts; `nil` for the first network device.
    let network: String?
    let family: LXDProvider.AddressFamily

    /// The observation of the instance.
    var observed: Instance {
        let tags = instance.config.tags
        return Instance(
            id: InstanceID(instance.name), name: tags[LXDProperty.nameTag] ?? instance.name, state: state,
            image: ImageID(instance.config["volatile.base_image"] ?? ""), address: address, tags: tags,
            launchedAt: RFC3339Timestamp.parse(instance.createdAt), properties: properties,
            isTerminationProtected: instance.isProtected)
    }

    private var state: InstanceState {
        switch instance.state?.status ?? instance.status {
        // A frozen machine is up, and its checks tell that it does not answer.
        case "Running", "Ready", "Freezing", "Frozen", "Thawed": .running
        case "Stopping", "Aborting": .stopping
        case "Stopped": instance.isOurs && !instance.wasStarted ? .pending : .stopped
        // `Starting`, and `Error` where the server cannot tell: whoever waits looks again.
        default: .pending
        }
    }

    /// The address of the chosen family; where the device has a static one that shows, that one.
    private var address: String? {
        let network = instance.state?.network ?? [:]
        let devices = LXDDevice.list(instance.expandedDevices).filter { $0.options["type"] == "nic" }
        if let chosen = self.network {
            let device = devices.first { $0.name == chosen || interface(of: $0) == chosen }
            return address(on: network[chosen] ?? device.flatMap { shown($0, in: network) }, of: device)
        }
        for device in devices {
            guard let interface = shown(device, in: network) else { continue }
            if let found = address(on: interface, of: device) { return found }
        }
        guard devices.isEmpty else { return nil }
        return network.sorted { $0.key < $1.key }.filter { $0.key != "lo" }
            .lazy.compactMap { address(on: $0.value, of: nil) }.first
    }

    /// What a container calls a device's interface; virtual machines choose names of their own.
    private func interface(of device: LXDDevice) -> String {
        device.options["name"] ?? instance.config["volatile.\(device.name).name"] ?? device.name
    }

    private func shown(
        _ device: LXDDevice, in network: [String: LXDInstanceState.Interface]
    ) -> LXDInstanceState.Interface? {
        if let named = network[interface(of: device)] { return named }
        guard let hardware = device.options["hwaddr"] ?? instance.config["volatile.\(device.name).hwaddr"] else {
            return nil
        }
        // Interfaces on top of others, such as those of a VLAN, have the same, and longer names.
        return network.sorted { $0.key < $1.key }.first { $0.value.hardwareAddress == hardware }?.value
    }

    private func address(on interface: LXDInstanceState.Interface?, of device: LXDDevice?) -> String? {
        let wanted = family == .ipv4 ? "inet" : "inet6"
        let found = (interface?.addresses ?? []).filter { $0.family == wanted && $0.scope == "global" }.map(\.address)
        return device?.addresses.first { found.contains($0) } ?? found.first
    }

    /// What a replacement inherits, the same from read to read as long as nobody changes it.
    private var properties: [String: String] {
        var found = [
            LXDProperty.type: instance.type, LXDProperty.architecture: instance.architecture,
            LXDProperty.profiles: LXDProperty.text(instance.profiles),
        ]
        if let member = instance.member { found[LXDProperty.location] = member }
        if instance.isEphemeral { found[LXDProperty.isEphemeral] = "true" }
        if let summary = instance.summary, !summary.isEmpty { found[LXDProperty.summary] = summary }
        for (key, value) in instance.config {
            switch LXDConfigKind(key) {
            case .limit: found[key] = value
            case .plain: found[LXDProperty.configPrefix + key] = value
            case .tag, .userData, .secret, .ofInstance: break
            }
        }
        for (name, options) in instance.devices {
            found[LXDProperty.devicePrefix + name] = LXDProperty.text(options)
        }
        found[LXDProperty.userDataDigest] = instance.config.configuration(.userData).digest
        found[LXDProperty.secretsDigest] = instance.config.configuration(.secret).digest
        return found
    }
}

extension LXDInstance {
    /// Whether a launch of ours created it.
    var isOurs: Bool { config["user." + OwnershipTag.token] != nil }

    /// Whether it was ever started: until then the server says 1970, the epoch of Unix, or the year 1.
    var wasStarted: Bool { !(lastUsedAt.hasPrefix("1970-") || lastUsedAt.hasPrefix("0001-") || lastUsedAt.isEmpty) }

    /// Whether it is proven not to run; of one in the state `Error` nothing is proven.
    var isDown: Bool { (state?.status ?? status) == "Stopped" }

    /// Whether it runs in one way or another.
    var isUp: Bool { !["Stopped", "Error"].contains(state?.status ?? status) }

    /// Whether the server refuses to delete it.
    var isProtected: Bool { ["true", "1", "yes", "on"].contains(expandedConfig["security.protection.delete"] ?? "") }

    /// Whether it is a virtual machine.
    var isVirtualMachine: Bool { type == "virtual-machine" }

    /// The cluster member that it is on; `nil` without a cluster.
    var member: String? {
        guard let location, !location.isEmpty, location != "none" else { return nil }
        return location
    }
}
