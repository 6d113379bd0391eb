import LXDClient
import Workflow

/// A static address of a network device on a managed network.
struct LXDAddressPossession: LXDPossession {
    let router: RouterName
    let address: NetworkAddress

    init(_ route: LXDAddressRoute) throws(TrafficError) {
        router = TrafficRoute.lxdAddress(route).name
        guard let address = NetworkAddress(route.address) else {
            throw TrafficError(
                .invalidRequest, router: router,
                detail: "\(route.address) is no address; write it without a prefix length")
        }
        self.address = address
    }

    var slot: String { "lxd-address:\(address.text)" }
    var title: String { "the static address \(address.text)" }

    /// The key of a device that holds it.
    var key: String { address.isVersion6 ? "ipv6.address" : "ipv4.address" }

    /// The family as the states of instances call it.
    var family: String { address.isVersion6 ? "inet6" : "inet" }

    /// The network devices that have the address, with what profiles say of them.
    func devices(of instance: LXDInstance) throws(TrafficError) -> LXDDevices {
        instance.expandedDevices.filter {
            $0.value["type"] == "nic" && $0.value[key].flatMap { NetworkAddress($0) } == address
        }
    }

    /// The device stays, as the instance's own, without the address.
    func taking(_ devices: LXDDevices, from instance: LXDInstance) -> [String: [String: String]?] {
        devices.mapValues { $0.filter { $0.key != key } }
    }

    /// The device of the same name, else the only one on the same network, gets the address; what a profile says of it
    /// is copied, since an instance's own device stands in place of the profile's.
    func giving(_ devices: LXDDevices, to instance: LXDInstance) throws(TrafficError) -> [String: [String: String]?] {
        guard devices.count == 1, let (name, held) = devices.first else {
            throw refusal("more than one network device has \(title)")
        }
        let fitting = instance.expandedDevices.filter {
            $0.value["type"] == "nic" && Self.network(of: $0.value) == Self.network(of: held)
        }
        let choice =
            fitting[name].map { (name, $0) } ?? (fitting.count == 1 ? fitting.first.map { ($0.key, $0.value) } : nil)
        guard let (target, device) = choice else {
            throw refusal(
                "\(instance.name) has no network device \(name) on \(Self.network(of: held) ?? "the same network") that "
                    + "could get \(title)")
        }
        if let other = device[key], NetworkAddress(other) != address {
            throw refusal("\(instance.name) has the static address \(other) on \(target) already; unset it first")
        }
        return [target: device.merging([key: address.text]) { $1 }]
    }

    /// The hardware address of a device of an instance.
    static func hardwareAddress(of device: String, on instance: LXDInstance) -> String? {
        (instance.expandedDevices[device]?["hwaddr"] ?? instance.config["volatile.\(device).hwaddr"])?.lowercased()
    }

    /// Whether an instance's state shows the address.
    func isShown(by instance: LXDInstance) -> Bool { interface(showing: instance) != nil }

    /// The interface that has the address, by its name within the instance.
    func interface(showing instance: LXDInstance) -> String? {
        instance.state?.network?.first { _, interface in
            interface.addresses.contains { $0.family == family && NetworkAddress($0.address) == address }
        }?.key
    }

    /// The network or, of one that LXD does not manage, the bridge.
    static func network(of device: [String: String]) -> String? { device["network"] ?? device["parent"] }

    private func refusal(_ detail: String) -> TrafficError { TrafficError(.refused, router: router, detail: detail) }
}
