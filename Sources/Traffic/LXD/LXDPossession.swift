import LXDClient
import Workflow

/// Devices by name, each with its configuration.
typealias LXDDevices = [String: [String: String]]

/// Something that one instance has at a time, and how it stands in the instances' devices.
protocol LXDPossession: Sendable {
    /// The router's name.
    var router: RouterName { get }
    /// The key of the traffic slot, the same for all spellings.
    var slot: String { get }
    /// What is moved, for messages.
    var title: String { get }

    /// The devices by which an instance has it; empty when it has it not.
    func devices(of instance: LXDInstance) throws(TrafficError) -> LXDDevices

    /// How the instance's own devices change when it is taken from the instance; `nil` for one that goes.
    func taking(_ devices: LXDDevices, from instance: LXDInstance) -> [String: [String: String]?]

    /// How the instance's own devices change when it gets what another had by `devices`.
    func giving(_ devices: LXDDevices, to instance: LXDInstance) throws(TrafficError) -> [String: [String: String]?]
}

/// A possession that is a device as a whole.
protocol LXDDevicePossession: LXDPossession {
    /// Whether a device is it.
    func isIt(_ device: [String: String]) -> Bool
}

extension LXDDevicePossession {
    /// What is appended to a device's name where the receiving instance has another of that name.
    private static var suffix: String { "-changeover" }

    /// The instance's own devices that are it.
    ///
    /// Throws `invalidRequest` where it comes from a profile, which gives it to others too.
    func devices(of instance: LXDInstance) throws(TrafficError) -> LXDDevices {
        let own = instance.devices.filter { isIt($0.value) }
        if let shared = instance.expandedDevices.first(where: { own[$0.key] == nil && isIt($0.value) }) {
            throw TrafficError(
                .invalidRequest, router: router,
                detail:
                    "\(instance.name) has \(title) as device \(shared.key) of a profile, which cannot be moved; make "
                    + "it the instance's own device")
        }
        return own
    }

    func taking(_ devices: LXDDevices, from instance: LXDInstance) -> [String: [String: String]?] {
        devices.mapValues { _ in nil }
    }

    func giving(_ devices: LXDDevices, to instance: LXDInstance) throws(TrafficError) -> [String: [String: String]?] {
        var changes: [String: [String: String]?] = [:]
        let taken = Set(instance.expandedDevices.keys).union(instance.devices.keys)
        for (name, device) in devices.sorted(by: { $0.key < $1.key }) {
            var base = name
            // So that it has its first name again where it came from.
            while base.hasSuffix(Self.suffix), base.count > Self.suffix.count { base.removeLast(Self.suffix.count) }
            var free = base
            while taken.contains(free) || changes[free] != nil { free += Self.suffix }
            changes[free] = .some(device)
        }
        return changes
    }
}

/// A proxy device that listens somewhere.
struct LXDProxyPossession: LXDDevicePossession {
    let router: RouterName
    private let listen: ProxyListen

    init(_ route: LXDProxyRoute) throws(TrafficError) {
        router = TrafficRoute.lxdProxy(route).name
        guard let listen = ProxyListen(route.listen) else {
            throw TrafficError(
                .invalidRequest, router: router,
                detail: "\(route.listen) is no place where a proxy device listens; write it as the device does, such "
                    + "as tcp:0.0.0.0:80")
        }
        self.listen = listen
    }

    var slot: String { "lxd-proxy:\(listen.description)" }
    var title: String { "the proxy device that listens on \(listen.description)" }

    /// A device whose `bind` is the instance listens there, and holds nothing of the host.
    func isIt(_ device: [String: String]) -> Bool {
        guard device["type"] == "proxy", !["instance", "guest", "container"].contains(device["bind"]) else {
            return false
        }
        return device["listen"].flatMap { ProxyListen($0) } == listen
    }
}

/// A custom volume.
struct LXDVolumePossession: LXDDevicePossession {
    let router: RouterName
    private let route: LXDVolumeRoute

    init(_ route: LXDVolumeRoute) {
        self.route = route
        router = TrafficRoute.lxdVolume(route).name
    }

    var slot: String { "lxd-volume:\(route.pool)/\(route.volume)" }
    var title: String { "the volume \(route.volume) of the pool \(route.pool)" }

    /// The source may go on with a path within the volume (extension `disk_volume_subpath`).
    func isIt(_ device: [String: String]) -> Bool {
        guard device["type"] == "disk", device["pool"] == route.pool, let source = device["source"] else {
            return false
        }
        return source == route.volume || source.hasPrefix("\(route.volume)/")
    }
}
