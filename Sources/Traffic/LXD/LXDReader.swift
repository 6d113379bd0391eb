import LXDClient
import Workflow

/// Where something is, as the instances' devices and marks say.
struct LXDWhereabouts: Sendable {
    /// Every instance by its name.
    var instances: [String: LXDInstance] = [:]
    /// The instances that have it, with the devices by which they do.
    var holders: [String: LXDDevices] = [:]
    /// The instances to which a move was begun.
    var marks: [String: LXDMovingMark] = [:]
}

/// Reads who has something; shared by its observers and routers.
struct LXDReader: Sendable {
    let possession: any LXDPossession
    private let listing: LXDListing

    init(possession: any LXDPossession, listing: LXDListing) {
        self.possession = possession
        self.listing = listing
    }

    var router: RouterName { possession.router }

    /// Where it is, at most a second ago.
    func whereabouts() async throws(TrafficError) -> LXDWhereabouts {
        var all = LXDWhereabouts()
        for instance in try await listing.instances(for: router) {
            all.instances[instance.name] = instance
            let devices = try possession.devices(of: instance)
            if !devices.isEmpty { all.holders[instance.name] = devices }
            if let mark = try LXDMovingMark(of: instance, for: possession) { all.marks[instance.name] = mark }
        }
        return all
    }

    /// Where it is, by a request that begins now.
    func currentWhereabouts() async throws(TrafficError) -> LXDWhereabouts {
        await listing.outdate()
        return try await whereabouts()
    }

    /// Takes note of a change, so that nothing read before counts any more.
    func outdate() async { await listing.outdate() }

    /// The instances that have it as members, and, while nobody has it, the one to which it is being moved.
    func members(
        _ status: (String, LXDWhereabouts) async throws(TrafficError) -> TrafficMember.Status
    ) async throws(TrafficError) -> [TrafficMember] {
        let all = try await whereabouts()
        var members: [TrafficMember] = []
        for (name, devices) in all.holders.sorted(by: { $0.key < $1.key }) {
            let status = try await status(name, all)
            members.append(member("\(name)/\(devices.keys.sorted().joined(separator: ","))", name, status))
        }
        if members.isEmpty {
            // Neither may it be deleted while only its mark says what was moved.
            members = all.marks.keys.sorted().map { member("\($0) (being moved here)", $0, .unhealthy) }
        }
        return members
    }

    private func member(_ name: String, _ instance: String, _ status: TrafficMember.Status) -> TrafficMember {
        TrafficMember(name: name, instance: InstanceID(instance), address: "", status: status, openSessions: nil)
    }
}
