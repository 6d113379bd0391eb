import AWSClient
public import Workflow

/// What a replacement gets from its original.
extension EC2Provider {
    /// How old a read of the original may be here; a plan is compared with the live state before it is run anyway.
    private static let planningAge = Span.seconds(5)

    /// What only other providers' instances have.
    private static let foreignProperties: Set<InheritedProperty> = [.profiles, .devices, .config, .limits]

    /// Names what the original has that a replacement cannot be given, protections included.
    public func carryOverFindings(
        for original: Instance, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding] {
        let observation = try await observed(original)
        let facts = try await perform("read the attributes of \(original.id)") { () async throws(AWSError) in
            try await originals.facts(of: original.id)
        }
        return EC2CarryOver(observation: observation, facts: facts).findings
    }

    /// The specification of a replacement; user data is referred to, never contained.
    public func inheritedSpecification(
        of original: Instance, choices: LaunchChoices
    ) async throws(ProviderError) -> LaunchSpecification {
        let foreign = (choices.inherit ?? []).intersection(Self.foreignProperties)
        guard foreign.isEmpty else {
            throw ProviderError(
                .invalidRequest, operation: "inherit from \(original.name)",
                detail: "instances of EC2 have no \(foreign.map(\.rawValue).sorted().joined(separator: ", ")); "
                    + "take that out of `inherit`")
        }
        let observation = try await observed(original)
        let image = try await EC2ImageChooser(client: client, region: region).image(choices.image, for: original)
        func inherits(_ property: InheritedProperty) -> Bool { choices.inherit?.contains(property) ?? true }
        guard inherits(.type) || choices.alternatives.contains(where: { $0.type != nil }) else {
            throw ProviderError(
                .invalidRequest, operation: "inherit from \(original.name)",
                detail: "nothing says which instance type the replacement shall have; add `type` to `inherit`")
        }
        let (facts, userData, disks) = try await perform("read the attributes of \(original.id)") {
            () async throws(AWSError) in
            let facts = try await originals.facts(of: original.id)
            let userData = inherits(.userData) ? try await originals.userData(of: original.id) : nil
            let disks = inherits(.blockDevices) ? try await self.disks(of: observation, facts: facts) : [:]
            return (facts, userData, disks)
        }
        let inheritance = EC2Inheritance(
            observation: observation, facts: facts, disks: disks, image: image,
            userDataDigest: userData?.digest, choices: choices)
        // Whether ours can be added is found now rather than at the launch.
        _ = try Self.merged(userData, patch: choices.patch, operation: "inherit from \(original.name)")
        return inheritance.specification(
            alternatives: try await alternatives(choices.alternatives, of: original))
    }

    private func observed(_ original: Instance) async throws(ProviderError) -> EC2Observation {
        let found = try await perform("read \(original.id)") { () async throws(AWSError) in
            try await poller.observation(of: original.id, maximumAge: Self.planningAge)
        }
        guard let found else {
            throw ProviderError(
                .instanceNotFound, operation: "read \(original.id)",
                detail: "there is no such instance in \(region) any more")
        }
        return found
    }

    /// The disks with their sizes; GetLaunchTemplateData tells them where DescribeVolumes need not be asked.
    private func disks(
        of observation: EC2Observation, facts: EC2OriginalFacts
    ) async throws(AWSError) -> [String: EC2Disk] {
        let isComplete = observation.volumes.allSatisfy { facts.disks[$0.device]?.parameters["VolumeSize"] != nil }
        return isComplete ? facts.disks : try await originals.disks(of: observation.instance.id)
    }

    private func alternatives(
        _ alternatives: [LaunchAlternative], of original: Instance
    ) async throws(ProviderError) -> [[String: String]] {
        var subnets: [EC2Subnet]?
        var found: [[String: String]] = []
        for alternative in alternatives {
            var changes: [String: String] = [:]
            if let type = alternative.type {
                changes[EC2Property.type] = type
                // Another type may not have these.
                for name in [EC2Property.cores, EC2Property.threadsPerCore, EC2Property.ebsOptimized] {
                    changes[name] = ""
                }
            }
            if let subnet = alternative.subnet {
                changes[EC2Property.subnet] = subnet
            } else if let zone = alternative.zone {
                if subnets == nil { subnets = try await self.subnets(of: original) }
                changes[EC2Property.subnet] = try Self.subnet(
                    in: zone, like: original, among: subnets ?? [], region: region
                ).id
            }
            found.append(changes)
        }
        return found
    }

    private func subnets(of original: Instance) async throws(ProviderError) -> [EC2Subnet] {
        let network = original.properties[EC2Property.network] ?? ""
        let root = try await perform("look for subnets of \(network)") { () async throws(AWSError) in
            try await client.query(
                AWSCall(
                    .ec2, "DescribeSubnets", ["Filter.1.Name": "vpc-id", "Filter.1.Value.1": network],
                    repetition: .harmless))
        }
        return root.items("subnetSet").compactMap(EC2Subnet.init)
    }

    /// The roomiest subnet of a zone, of those that treat public addresses as the original's own does.
    static func subnet(
        in zone: String, like original: Instance, among subnets: [EC2Subnet], region: String
    ) throws(ProviderError) -> EC2Subnet {
        let own = subnets.first { $0.id == original.properties[EC2Property.subnet] }
        let candidates = subnets.filter { $0.zone == zone || $0.zone == region + zone }.sorted {
            ($0.isPublic == own?.isPublic ? 0 : 1, -$0.freeAddresses, $0.id)
                < ($1.isPublic == own?.isPublic ? 0 : 1, -$1.freeAddresses, $1.id)
        }
        guard let best = candidates.first else {
            let zones = Set(subnets.map(\.zone)).sorted().joined(separator: ", ")
            throw ProviderError(
                .invalidRequest, operation: "look for a subnet in \(zone)",
                detail: "the network of \(original.name) has no subnet in \(zone) (region \(region)); it has some in "
                    + "\(zones); correct `alternatives`")
        }
        return best
    }
}

/// A subnet, as far as a choice among several needs it (EC2 API Reference, Subnet).
struct EC2Subnet: Sendable, Hashable {
    var id: String
    var zone: String
    var freeAddresses: Int
    var isPublic: Bool

    init?(_ item: AWSElement) {
        guard let id = item.text("subnetId"), let zone = item.text("availabilityZone") else { return nil }
        self.id = id
        self.zone = zone
        freeAddresses = item.text("availableIpAddressCount").flatMap { Int($0) } ?? 0
        isPublic = item.text("mapPublicIpOnLaunch") == "true"
    }
}
