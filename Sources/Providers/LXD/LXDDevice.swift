import LXDClient
import Workflow

/// One device of an instance and what becomes of it in a swap (LXD documentation, Devices).
struct LXDDevice: Sendable, Hashable {
    /// What a device is to a swap.
    enum Role: Sendable, Hashable {
        /// The disk that the image is unpacked to.
        case root
        /// A custom volume, which moves.
        case volume(pool: String, name: String)
        /// A path of the host, which both instances may have.
        case hostPath(String)
        /// A port or socket of the host, which moves.
        case proxy(listen: String)
        /// A network device.
        case network
        /// Hardware that one instance has to itself.
        case hardware
        /// Something that every instance may have of its own.
        case other
    }

    var name: String
    var options: [String: String]

    /// Devices of the host that containers commonly share.
    private static let sharedNodes: Set<String> = [
        "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/null", "/dev/ppp", "/dev/vhost-net", "/dev/vhost-vsock",
        "/dev/vsock",
    ]
    /// Options of a network device that may be on one instance only, and of which `lxdAddress` moves the addresses.
    private static let ownOptions: Set<String> = ["ipv4.address", "ipv6.address", "hwaddr", "host_name"]
    /// Values of an address that are none.
    private static let noAddresses: Set<String> = ["", "none", "auto"]
    /// Options by which traffic for other addresses is sent to an instance.
    private static let routeOptions = [
        "ipv4.routes", "ipv4.routes.external", "ipv6.routes", "ipv6.routes.external",
    ]

    /// What the device is to a swap.
    var role: Role {
        let source = options["source"] ?? ""
        switch options["type"] {
        case "disk":
            if options["path"] == "/" { return .root }
            // What follows is a path within the volume.
            if let pool = options["pool"], let volume = source.split(separator: "/").first {
                return .volume(pool: pool, name: String(volume))
            }
            if source.hasPrefix("/dev/") || source.hasPrefix("ceph:") { return .hardware }
            return source.hasPrefix("/") ? .hostPath(source) : .other
        case "proxy":
            // Such a device listens in the instance and connects to the host.
            let isOutgoing = ["instance", "guest", "container"].contains(options["bind"])
            return isOutgoing ? .other : .proxy(listen: options["listen"] ?? "")
        case "nic": return options["nictype"] == "physical" ? .hardware : .network
        case "unix-char", "unix-block", "unix-hotplug":
            let node = source.isEmpty ? options["path"] ?? "" : source
            return Self.sharedNodes.contains(node) ? .other : .hardware
        case "gpu", "usb", "pci", "infiniband": return .hardware
        default: return .other
        }
    }

    /// The static addresses of a network device.
    var addresses: [String] {
        ["ipv4.address", "ipv6.address"].flatMap { key in
            (options[key] ?? "").split(separator: ",").map { String($0.filter { $0 != " " }) }
        }.filter { !Self.noAddresses.contains($0) }
    }

    /// The routes that lead to the instance by a network device.
    var routes: [String] { Self.routeOptions.compactMap { options[$0] }.filter { !$0.isEmpty } }

    /// The device as a replacement is launched with it; `nil` for one that may not be in two places at once.
    var launchOptions: [String: String]? {
        switch role {
        case .root, .hostPath, .other: options
        case .network:
            options.filter { !Self.ownOptions.contains($0.key) || Self.noAddresses.contains($0.value) }
        case .volume, .proxy, .hardware: nil
        }
    }

    /// Whether it may not be in two places at once.
    var isExclusive: Bool { launchOptions == nil }

    /// The devices of an instance, in the order of their names.
    static func list(_ devices: [String: [String: String]]) -> [LXDDevice] {
        devices.sorted { $0.key < $1.key }.map { LXDDevice(name: $0.key, options: $0.value) }
    }
}
