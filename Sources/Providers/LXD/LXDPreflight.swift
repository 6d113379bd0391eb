import LXDClient
public import Workflow

/// Asks, without launching, whether an instance could be launched.
struct LXDPreflight: Sendable {
    /// The API extensions without which nothing here works.
    static let neededExtensions = [
        "clustering", "container_full", "container_last_used_at", "directory_manipulation", "etag", "instances",
        "operation_description", "patch", "projects",
    ]
    /// Less free room than this in a pool is worth a warning.
    private static let leastFreeBytes = 1 << 30

    let client: any LXDCalling
    let specification: LaunchSpecification

    private var reader: LXDPreflightReader { LXDPreflightReader(client: client) }
    private var properties: [String: String] { specification.properties }

    private func obstacle(_ code: String, _ message: String) -> PreflightFinding {
        PreflightFinding(.obstacle, code: code, message: message)
    }

    /// One finding per obstacle or warning; empty when nothing stands in the way.
    func findings() async throws(LXDError) -> [PreflightFinding] {
        let missing = Set(Self.neededExtensions).subtracting(try await client.server().extensions).sorted()
        guard missing.isEmpty else {
            return [
                obstacle(
                    "extensions",
                    "The server \(client.location) is too old: it lacks \(missing.joined(separator: ", ")). LXD 5.0 "
                        + "and later and every Incus have them.")
            ]
        }
        let abilities = try await client.read(.server, as: LXDAbilities.self).value.environment
        var found = kindFindings(abilities)
        found += try await imageFindings()
        let (profiles, problems) = try await profileFindings()
        found += problems
        found += try await deviceFindings(profiles)
        found += try await placeFindings(abilities)
        found += try await quotaFindings(abilities)
        return found
    }

    private func kindFindings(_ abilities: LXDAbilities.Environment?) -> [PreflightFinding] {
        guard properties[LXDProperty.type] == "virtual-machine",
            abilities?.driver.map({ !$0.contains("qemu") }) ?? false, abilities?.isClustered != true
        else { return [] }
        return [
            obstacle(
                "virtual-machine", "The server \(client.location) cannot run virtual machines: it has no qemu or KVM.")
        ]
    }

    private func imageFindings() async throws(LXDError) -> [PreflightFinding] {
        let fingerprint = specification.image.rawValue
        if try await reader.optional(LXDResource("images", fingerprint), as: LXDImage.self) != nil { return [] }
        return [
            obstacle(
                "image",
                "The image \(fingerprint.prefix(12)) is not in the store of \(client.location); name another under "
                    + "`launch.image`.")
        ]
    }

    private func profileFindings() async throws(LXDError) -> ([LXDProfile], [PreflightFinding]) {
        let wanted =
            properties[LXDProperty.profiles].flatMap { LXDProperty.value($0, as: [String].self) } ?? ["default"]
        let all = try await reader.optional(
            LXDResource("profiles", query: ["recursion": "1"]), as: [LXDProfile].self)
        guard let all else { return ([], []) }
        var (found, problems): ([LXDProfile], [PreflightFinding]) = ([], [])
        for name in wanted {
            if let profile = all.first(where: { $0.name == name }) {
                found.append(profile)
            } else {
                problems.append(
                    obstacle(
                        "profile",
                        "There is no profile \(name) \(client.location); create it, or leave `profiles` out of "
                            + "`inherit`."
                    ))
            }
        }
        return (found, problems)
    }

    /// Looks for the pools and networks of the devices that the replacement will have, those of its profiles included.
    private func deviceFindings(_ profiles: [LXDProfile]) async throws(LXDError) -> [PreflightFinding] {
        var devices: [String: [String: String]] = [:]
        for profile in profiles { devices.merge(profile.devices ?? [:]) { $1 } }
        devices.merge(LXDProperty.devices(in: properties)) { $1 }
        var found: [PreflightFinding] = []
        let root = devices.values.first { $0["type"] == "disk" && $0["path"] == "/" }
        if root == nil, !profiles.isEmpty {
            found.append(
                obstacle(
                    "root-disk",
                    "Neither the profiles nor the devices of the replacement have a root disk; add `blockDevices` to "
                        + "`inherit`, or a disk to a profile."))
        }
        let pools = Set(devices.values.compactMap { $0["type"] == "disk" ? $0["pool"] : nil })
        if !pools.isEmpty, let known = try await reader.names("storage-pools") {
            for pool in pools.subtracting(known).sorted() {
                found.append(obstacle("pool", "There is no storage pool \(pool) \(client.location)."))
            }
        }
        let networks = Set(devices.values.compactMap { $0["type"] == "nic" ? $0["network"] : nil })
        if !networks.isEmpty, let known = try await reader.names("networks") {
            for network in networks.subtracting(known).sorted() {
                found.append(obstacle("network", "There is no network \(network) \(client.location)."))
            }
        }
        if let pool = root?["pool"] { found += try await spaceFindings(pool) }
        return found
    }

    private func spaceFindings(_ pool: String) async throws(LXDError) -> [PreflightFinding] {
        let query = properties[LXDProperty.target].map { ["target": $0] } ?? [:]
        // A pool that is missing was found already, and not every driver can tell.
        guard
            let space = try? await reader.optional(
                LXDResource("storage-pools", pool, "resources", query: query), as: LXDPoolResources.self)?.space,
            space.total > 0, space.total - space.used < Self.leastFreeBytes
        else { return [] }
        let free = max(0, space.total - space.used) >> 20
        return [
            PreflightFinding(
                .warning, code: "capacity",
                message:
                    "The storage pool \(pool) has \(free) MiB left \(client.location); the replacement may fill it.")
        ]
    }

    private func placeFindings(_ abilities: LXDAbilities.Environment?) async throws(LXDError) -> [PreflightFinding] {
        let targets = [properties[LXDProperty.target]] + specification.alternatives.map { $0[LXDProperty.target] }
        let wanted = Set(targets.compactMap { $0 })
        guard !wanted.isEmpty else { return [] }
        guard abilities?.isClustered == true else {
            return [
                obstacle(
                    "cluster-member",
                    "The server \(client.location) is in no cluster, so it has no member \(wanted.sorted()[0]); "
                        + "correct `target` of the provider or `zone` under `alternatives`.")
            ]
        }
        let members = try await reader.optional(
            LXDResource("cluster", "members", query: ["recursion": "1"]), as: [LXDMember].self)
        guard let members else { return [] }
        var found: [PreflightFinding] = []
        for name in wanted.sorted() {
            guard let member = members.first(where: { $0.name == name }) else {
                let names = members.map(\.name).sorted().joined(separator: ", ")
                found.append(obstacle("cluster-member", "The cluster has no member \(name); it has \(names)."))
                continue
            }
            guard member.status != "Online" else { continue }
            let isFirst = name == properties[LXDProperty.target] && specification.alternatives.isEmpty
            found.append(
                PreflightFinding(
                    isFirst ? .obstacle : .warning, code: "cluster-member",
                    message: "The cluster member \(name) is \(member.status.lowercased()): \(member.message ?? "")."))
        }
        return found
    }

    private func quotaFindings(_ abilities: LXDAbilities.Environment?) async throws(LXDError) -> [PreflightFinding] {
        guard try await client.server().extensions.contains("project_usage"), let project = abilities?.project else {
            return []
        }
        let state = try await reader.optional(
            LXDResource("projects", project, "state"), as: LXDProjectState.self)
        let kind = properties[LXDProperty.type] == "virtual-machine" ? "virtual-machines" : "containers"
        return ["instances", kind, "cpu", "memory", "disk"].compactMap { name in
            guard let resource = state?.resources[name], resource.limit >= 0, resource.usage >= resource.limit else {
                return nil
            }
            return obstacle(
                "quota",
                "The project \(project) may have \(resource.limit) of \(name) and has them; raise limits.\(name), or "
                    + "free something.")
        }
    }
}

extension LXDProvider {
    /// Asks, without launching, whether an instance could be launched now.
    public func launchFindings(
        for specification: LaunchSpecification
    ) async throws(ProviderError) -> [PreflightFinding] {
        try await perform("ask for \(specification.name)") { () async throws(LXDError) in
            try await LXDPreflight(client: client, specification: specification).findings()
        }
    }
}
