import LXDClient
import Workflow

/// Names what an original has that its replacement cannot be given, and what of the playbook would move it; pure.
struct LXDCarryOver: Sendable {
    let original: LXDInstance
    let snapshotCount: Int
    let routes: [TrafficRoute]
    /// The devices of its profiles.
    var profileDevices: [String: [String: String]] = [:]

    /// One finding each, obstacles first.
    var findings: [PreflightFinding] {
        let all = kindFindings + deviceFindings + configFindings + notes
        return all.filter { $0.severity == .obstacle } + all.filter { $0.severity != .obstacle }
    }

    private func obstacle(_ code: String, _ message: String) -> PreflightFinding {
        PreflightFinding(.obstacle, code: code, message: message)
    }

    private func warning(_ code: String, _ message: String) -> PreflightFinding {
        PreflightFinding(.warning, code: code, message: message)
    }

    private var name: String { original.name }

    private var kindFindings: [PreflightFinding] {
        var found: [PreflightFinding] = []
        if original.isEphemeral {
            found.append(
                obstacle(
                    "ephemeral",
                    "\(name) is ephemeral: stopping deletes it, so it could not be held as a way back. Make it "
                        + "permanent with `lxc config edit` (ephemeral: false) if that is meant."))
        }
        if ["Frozen", "Freezing"].contains(original.state?.status ?? original.status) {
            found.append(obstacle("frozen", "\(name) is frozen; resume it before it is swapped."))
        }
        return found
    }

    private var deviceFindings: [PreflightFinding] {
        LXDDevice.list(original.expandedDevices).flatMap { device in
            findings(for: device, isOwn: original.devices[device.name] != nil) + hiddenFindings(device)
        }
    }

    private func findings(for device: LXDDevice, isOwn: Bool) -> [PreflightFinding] {
        switch device.role {
        case .root, .other: return []
        case .hostPath(let path):
            return [
                PreflightFinding(
                    .note, code: "host-path",
                    message: "The replacement has \(path) of the host too (device \(device.name)), while \(name) still "
                        + "uses it.")
            ]
        case .volume(let pool, let volume): return volumeFindings(device, pool, volume, isOwn: isOwn)
        case .proxy(let listen): return proxyFindings(device, listen, isOwn: isOwn)
        case .network: return networkFindings(device, isOwn: isOwn)
        case .hardware:
            guard isOwn else { return [] }
            return [
                obstacle(
                    "hardware",
                    "The device \(device.name) (\(device.options["type"] ?? "")) of \(name) is hardware of the host "
                        + "that one instance has to itself. Where instances may share it, put it into a profile; "
                        + "otherwise swap \(name) by hand.")
            ]
        }
    }

    /// A device of a profile shows again where the instance's own of that name is not.
    private func hiddenFindings(_ device: LXDDevice) -> [PreflightFinding] {
        guard device.isExclusive, original.devices[device.name] != nil, let hidden = profileDevices[device.name],
            hidden["type"] != "none"
        else { return [] }
        return [
            obstacle(
                "profile-device",
                "The device \(device.name) of \(name) stands in place of one of a profile, which the replacement would "
                    + "have instead; rename one of the two.")
        ]
    }

    private func volumeFindings(
        _ device: LXDDevice, _ pool: String, _ volume: String, isOwn: Bool
    ) -> [PreflightFinding] {
        guard isOwn else {
            return [
                PreflightFinding(
                    .note, code: "volume",
                    message:
                        "The volume \(volume) of the pool \(pool) comes from a profile (device \(device.name)), so "
                        + "the replacement has it too, while \(name) still uses it.")
            ]
        }
        guard !routes.contains(.lxdVolume(LXDVolumeRoute(pool: pool, volume: volume))) else { return [] }
        return [
            obstacle(
                "volume",
                "The volume \(volume) of the pool \(pool) (device \(device.name)) stays with \(name), unless `traffic` "
                    + "of the playbook moves it: `- lxdVolume: {pool: \(Self.quoted(pool)), volume: "
                    + "\(Self.quoted(volume))}`."
            )
        ]
    }

    private func proxyFindings(_ device: LXDDevice, _ listen: String, isOwn: Bool) -> [PreflightFinding] {
        guard isOwn else {
            return [
                obstacle(
                    "proxy",
                    "The proxy device \(device.name), which listens on \(listen), comes from a profile, so two "
                        + "instances would claim it. Take it out of the profile and add it to \(name) itself."
                )
            ]
        }
        var found: [PreflightFinding] = []
        if !routes.contains(.lxdProxy(LXDProxyRoute(listen: listen))) {
            found.append(
                obstacle(
                    "proxy",
                    "The proxy device \(device.name) stays with \(name), unless `traffic` of the playbook moves it: "
                        + "`- lxdProxy: {listen: \(Self.quoted(listen))}`."))
        }
        return found + connectFindings(device, listen)
    }

    /// A proxy device connects from the network of the instance that has it, so that an address of the original's own
    /// leads to the original from the replacement too, unless the address has moved before the device.
    private func connectFindings(_ device: LXDDevice, _ listen: String) -> [PreflightFinding] {
        let target = NetworkAddress(connectedBy: device)
        let movesBefore = routes.prefix { $0 != .lxdProxy(LXDProxyRoute(listen: listen)) }
        if ["true", "1", "yes", "on"].contains(device.options["nat"]?.lowercased()) {
            // For any address the server chooses the instance's static one.
            let wanted = staticAddresses.filter { target?.isUnspecified == true && $0.isVersion6 == target?.isVersion6 }
            guard !(wanted + [target].compactMap(\.self)).contains(where: { Self.moves($0, in: movesBefore) }) else {
                return []
            }
            return [
                obstacle(
                    "proxy-nat",
                    "The proxy device \(device.name) sends packets to the static address of \(name) (nat: true). Move "
                        + "that address before it with `lxdAddress`, or let it connect to 127.0.0.1 without nat.")
            ]
        }
        guard let target, staticAddresses.contains(target) || shownAddresses.contains(target),
            !Self.moves(target, in: movesBefore)
        else { return [] }
        let alternative: String =
            if Self.moves(target, in: routes[...]) {
                ", or put the `lxdAddress` of \(target.text) before its `lxdProxy` in `traffic` of the playbook"
            } else if staticAddresses.contains(target) {
                ", or move that address before it with `lxdAddress`"
            } else {
                ""
            }
        return [
            obstacle(
                "proxy-address",
                "The proxy device \(device.name) connects to \(target.text), an address of \(name) itself, so it would "
                    + "lead to \(name) from the replacement too. Let it connect to 127.0.0.1\(alternative).")
        ]
    }

    /// Whether a route moves an address, however the address is written.
    private static func moves(_ address: NetworkAddress, in routes: ArraySlice<TrafficRoute>) -> Bool {
        routes.contains { route in
            guard case .lxdAddress(let route) = route else { return false }
            return NetworkAddress(route.address) == address
        }
    }

    private var staticAddresses: [NetworkAddress] {
        LXDDevice.list(original.expandedDevices).filter { $0.role == .network }.flatMap(\.addresses)
            .compactMap { NetworkAddress($0) }
    }

    /// The addresses that the original shows, but for those that every instance has.
    private var shownAddresses: [NetworkAddress] {
        let all = original.state?.network?.values.flatMap(\.addresses) ?? []
        return all.filter { $0.scope != "local" }.compactMap { NetworkAddress($0.address) }
    }

    private func networkFindings(_ device: LXDDevice, isOwn: Bool) -> [PreflightFinding] {
        var found: [PreflightFinding] = []
        for address in device.addresses where !routes.contains(.lxdAddress(LXDAddressRoute(address: address))) || !isOwn
        {
            found.append(
                isOwn
                    ? obstacle(
                        "address",
                        "The static address \(address) (device \(device.name)) stays with \(name), unless `traffic` of "
                            + "the playbook moves it: `- lxdAddress: {address: \(Self.quoted(address))}`.")
                    : obstacle(
                        "address",
                        "The static address \(address) comes from a profile (device \(device.name)), so two instances "
                            + "would claim it. Put it on \(name) itself: `lxc config device override \(name) "
                            + "\(device.name)`."))
        }
        if !device.routes.isEmpty {
            found.append(
                obstacle(
                    "routes",
                    "The device \(device.name) of \(name) has routes (\(device.routes.joined(separator: ", "))), which "
                        + "cannot lead to two instances; take them off before the swap and put them on afterwards."))
        }
        if isOwn, device.options["hwaddr"] != nil {
            found.append(
                warning(
                    "hardware-address",
                    "The hardware address \(device.options["hwaddr"] ?? "") (device \(device.name)) stays with "
                        + "\(name); where a DHCP server outside knows the machine by it, the replacement gets another "
                        + "address."))
        }
        return found
    }

    private var configFindings: [PreflightFinding] {
        var found: [PreflightFinding] = []
        if original.expandedConfig["boot.autostart"] == "true" {
            found.append(
                warning(
                    "autostart",
                    "\(name) starts with its host (boot.autostart), also while it is held: after a restart of the host "
                        + "both would run."))
        }
        let raw = original.config.keys.filter { $0.hasPrefix("raw.") }.sorted()
        if !raw.isEmpty {
            found.append(
                warning(
                    "raw",
                    "The replacement is given \(raw.joined(separator: " and ")) of \(name) as it is; make sure that "
                        + "nothing in it may be in one place only."))
        }
        let networks = original.expandedConfig.keys.filter {
            $0 == "cloud-init.network-config" || $0 == "user.network-config"
        }
        if let key = networks.sorted().first {
            found.append(
                warning(
                    "network-config",
                    "The replacement is given \(key) of \(name) as it is; a static address in it would be on both."))
        }
        if original.config["security.idmap.base"] != nil {
            found.append(warning("idmap", "The replacement chooses its own range of ids (security.idmap.base)."))
        }
        return found
    }

    private var notes: [PreflightFinding] {
        var found = [
            PreflightFinding(
                .note, code: "disk",
                message: "The replacement starts with the image's disk; files written on \(name) stay there."),
            PreflightFinding(
                .note, code: "host-name",
                message:
                    "The replacement's host name is its own: \(original.config["user.name"] ?? name) with a suffix."),
        ]
        if snapshotCount > 0 {
            found.append(
                PreflightFinding(
                    .note, code: "snapshots",
                    message: "\(snapshotCount) snapshots of \(name) stay with it and go when it is terminated."))
        }
        return found
    }

    /// A text as YAML reads it back, whatever is in it.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./".contains($0)) }
        return isPlain ? text : LXDProperty.text(text)
    }
}

extension NetworkAddress {
    /// Whether it stands for any address.
    fileprivate var isUnspecified: Bool { text == "0.0.0.0" || text == "::" }

    /// Where a proxy device connects, such as `tcp:10.0.3.7:80` or `udp:[fd42::7]:53`; `nil` for a socket of Unix.
    fileprivate init?(connectedBy device: LXDDevice) {
        let parts = (device.options["connect"] ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["tcp", "udp"].contains(parts[0].lowercased()),
            let colon = parts[1].lastIndex(of: ":")
        else { return nil }
        let host = String(parts[1][..<colon])
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.init(isBracketed ? String(host.dropFirst().dropLast()) : host)
    }
}
