import Workflow

/// Makes the properties of a replacement of what its original has; pure.
struct EC2Inheritance: Sendable {
    let observation: EC2Observation
    let facts: EC2OriginalFacts
    /// The original's disks by device, with sizes.
    let disks: [String: EC2Disk]
    let image: EC2Image
    let userDataDigest: String?
    let choices: LaunchChoices

    private var original: Instance { observation.instance }

    private func inherits(_ property: InheritedProperty) -> Bool {
        choices.inherit.map { $0.contains(property) } ?? true
    }

    /// The tags that are carried over: neither AWS's own, which nobody may set, nor ours.
    static func tags(of original: Instance) -> [String: String] {
        original.tags.filter { !$0.key.hasPrefix("aws:") && !$0.key.hasPrefix(OwnershipTag.prefix) }
    }

    /// The specification with these alternatives.
    func specification(alternatives: [[String: String]]) -> LaunchSpecification {
        LaunchSpecification(
            image: image.id, name: original.name, tags: inherits(.tags) ? Self.tags(of: original) : [:],
            properties: properties, alternatives: alternatives, patch: choices.patch)
    }

    /// The properties by our names.
    var properties: [String: String] {
        var found: [String: String] = [:]
        for (kind, names) in Self.plain where inherits(kind) {
            for name in names { found[name] = original.properties[name] }
        }
        if inherits(.type) { addProcessor(to: &found) }
        if inherits(.subnet) { addNetwork(to: &found) }
        if inherits(.metadataOptions) {
            for option in EC2Property.metadataOptions {
                let name = EC2Property.metadataPrefix + option
                found[name] = original.properties[name]
            }
        }
        if inherits(.placement) {
            found[EC2Property.placementPartition] = observation.partition
            if found[EC2Property.tenancy] == "default" { found[EC2Property.tenancy] = nil }
        }
        if inherits(.credits), RunInstancesRequest.isBurstable(original.properties[EC2Property.type] ?? "") {
            found[EC2Property.credits] = facts.credits
        }
        if inherits(.blockDevices) { addDisks(to: &found) }
        if inherits(.userData), let userDataDigest {
            found[EC2Property.userDataFrom] = original.id.rawValue
            found[EC2Property.userDataDigest] = userDataDigest
        }
        if choices.inherit == nil { addRest(to: &found) }
        return found
    }

    private static let plain: [(InheritedProperty, [String])] = [
        (.type, [EC2Property.type]), (.subnet, [EC2Property.subnet]),
        (.securityGroups, [EC2Property.securityGroups]), (.role, [EC2Property.role]), (.key, [EC2Property.key]),
        (.placement, [EC2Property.tenancy, EC2Property.placementGroup]),
    ]

    /// Families whose processors cannot be configured, and which nevertheless report one thread per core.
    private static let fixedFamilies: Set<String> = ["t1", "t2", "m1", "m2", "m3", "c1", "cc2", "cr1"]

    private func addProcessor(to found: inout [String: String]) {
        if original.properties[EC2Property.ebsOptimized] == "true" { found[EC2Property.ebsOptimized] = "true" }
        // Every answer has cores and threads; only threads switched off are certainly the operator's own choice.
        let family = String((original.properties[EC2Property.type] ?? "").prefix { $0 != "." })
        guard original.properties[EC2Property.architecture] == "x86_64", observation.threadsPerCore == "1",
            !Self.fixedFamilies.contains(family)
        else { return }
        found[EC2Property.cores] = observation.cores
        found[EC2Property.threadsPerCore] = "1"
    }

    private func addNetwork(to found: inout [String: String]) {
        guard found[EC2Property.subnet] != nil, let primary = observation.primaryInterface else { return }
        // With an elastic address the replacement needs one of its own until that moves: it may reach nothing without.
        found[EC2Property.publicAddress] = primary.publicAddress == nil ? "false" : "true"
        if primary.addressCountIPv6 > 0 { found[EC2Property.addressCountIPv6] = "\(primary.addressCountIPv6)" }
    }

    private func addDisks(to found: inout [String: String]) {
        let isSameImage = image.id == original.image
        for volume in observation.volumes {
            guard var disk = disks[volume.device] else { continue }
            disk.parameters["DeleteOnTermination"] = "\(volume.isDeletedOnTermination)"
            var device = volume.device
            if volume.device == observation.rootVolume?.device {
                device = image.rootDeviceName ?? device
                // The image brings the content of the root disk, and may want more room for it.
                disk.parameters["SnapshotId"] = nil
                let size = disk.parameters["VolumeSize"].flatMap { Int($0) } ?? 0
                if let least = image.sizes[device], least > size { disk.parameters["VolumeSize"] = "\(least)" }
            } else if !isSameImage, image.sizes[volume.device] != nil {
                disk.parameters["SnapshotId"] = nil
            }
            found[EC2Property.diskPrefix + device] = disk.text
        }
    }

    private func addRest(to found: inout [String: String]) {
        for name in [EC2Property.monitoring, EC2Property.hibernation, EC2Property.enclave]
        where original.properties[name] == "true" {
            found[name] = "true"
        }
        if facts.shutdownBehavior == "terminate" { found[EC2Property.shutdownBehavior] = "terminate" }
        if observation.hostnameType == "resource-name" { found[EC2Property.hostnameType] = "resource-name" }
        if let preference = observation.capacityReservationPreference, preference != "open" {
            found[EC2Property.capacityReservationPreference] = preference
        }
    }
}
