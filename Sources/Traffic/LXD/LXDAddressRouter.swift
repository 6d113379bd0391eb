import LXDClient
public import Workflow

/// Reads which instance has a static address of LXD or Incus, and can send nothing that changes it.
public struct LXDAddressObserver: TrafficObserver {
    private let possession: LXDAddressPossession
    private let reading: LXDReader
    private let client: any LXDCalling

    init(possession: LXDAddressPossession, reading: LXDReader, client: any LXDCalling) {
        self.possession = possession
        self.reading = reading
        self.client = client
    }

    /// The router's name, `lxdAddress:<address>`.
    public var name: RouterName { possession.router }

    /// The slot's key, `lxd-address:<address>`.
    public var slot: String { possession.slot }

    /// The instance that is configured to have the address; in service once its own state shows the address and no move
    /// is under way.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        let members = try await reading.members { (name, all) throws(TrafficError) in
            guard all.marks[name] == nil, all.instances[name]?.status == "Running" else { return .unhealthy }
            do throws(LXDError) {
                guard let instance = try await client.instance(name)?.value else { return .unhealthy }
                return possession.isShown(by: instance) ? .inService : .unhealthy
            } catch {
                throw TrafficError(error, router: possession.router)
            }
        }
        return members.map { member in
            TrafficMember(
                name: member.name, instance: member.instance, address: possession.address.text, status: member.status,
                openSessions: member.openSessions)
        }
    }
}

/// Moves a static address of LXD or Incus from instance to instance.
///
/// The address stands in the configuration of one network device, and the instance gets it by DHCP. So after the
/// configuration both instances are told to ask anew: first the former owner, so that it lets go of the address and of
/// its lease, without which the server's dnsmasq gives it to nobody else. An owner that cannot be told, since it is
/// stopped or broken, has its network device taken out and put back, which ends the lease too. For the seconds between,
/// nobody answers at the address. A member counts as in service when its own state shows the address.
public struct LXDAddressRouter: TrafficRouter {
    private let possession: LXDAddressPossession
    private let carriage: LXDCarriage
    private let client: any LXDCalling
    private let commands: @Sendable (InstanceID) -> any CommandRunner

    init(
        possession: LXDAddressPossession, carriage: LXDCarriage, client: any LXDCalling,
        commands: @escaping @Sendable (InstanceID) -> any CommandRunner
    ) {
        self.possession = possession
        self.carriage = carriage
        self.client = client
        self.commands = commands
    }

    /// The router's name, `lxdAddress:<address>`.
    public var name: RouterName { possession.router }

    /// The slot's key, `lxd-address:<address>`.
    public var slot: String { possession.slot }

    private var observer: LXDAddressObserver {
        LXDAddressObserver(possession: possession, reading: carriage.reader, client: client)
    }

    /// The instance that is configured to have the address.
    public func members() async throws(TrafficError) -> [TrafficMember] { try await observer.members() }

    /// Makes one change; a move that broke off is gone on with, and returns once the instance shows the address, where
    /// it runs.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        switch change.action {
        case .register, .restore: try await move(to: change.instance.rawValue)
        case .drain: return
        case .remove: try await carriage.release(from: change.instance.rawValue)
        }
    }

    private func move(to receiver: String) async throws(TrafficError) {
        let handover = LXDAddressHandover(
            possession: possession, carriage: carriage, client: client, commands: commands)
        var before = try await carriage.reader.currentWhereabouts()
        // First of all: an instance whose network device is out can be given no address.
        if try await handover.plugInAll(before) { before = try await carriage.reader.currentWhereabouts() }
        try await carriage.bring(to: receiver, keepsMark: true) { (_, _) throws(TrafficError) in }
        // Whoever may have it still: who had it, and both ends of every move that was begun.
        let former = Set(before.holders.keys).union(before.marks.keys).union(before.marks.values.map(\.from))
        try await handover.finish(to: receiver, from: former.subtracting([receiver]))
        try await carriage.settle()
    }
}
