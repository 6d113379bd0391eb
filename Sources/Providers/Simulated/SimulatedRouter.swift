public import Workflow

/// A router in a simulated world: it sees its members healthy or not with some delay, and its changes may come late.
public final class SimulatedRouter: @unchecked Sendable {
    private struct Member {
        var name: String
        var address: String
        var instance: InstanceID
        var isEnabled: Bool
        var isDraining: Bool
        /// Since when it is as it is.
        var since: Int64
        /// Until when only a part of the router treats it so.
        var partialUntil: Int64 = 0
        /// How many sessions it had when it was drained.
        var sessions: Int64
    }

    /// The router's name.
    public let name: RouterName
    private let cloud: SimulatedCloud
    private var random: SimulatedRandom
    private var table: [Member] = []
    /// While it is slow, new members are not seen healthy before the end.
    private var slow: Range<Int64> = 0..<0
    private var outageEnd: Int64 = 0
    private var refusals = 0
    private var partialShifts = 0
    private let healthDelay: Int64

    /// Creates a router with members in service.
    public init(_ name: RouterName, cloud: SimulatedCloud, members: [Instance], seed: UInt64) {
        self.name = name
        self.cloud = cloud
        random = SimulatedRandom(seed: seed, purpose: 23)
        healthDelay = random.number(500...4000)
        table = members.map {
            Member(
                name: $0.id.rawValue, address: $0.address ?? "", instance: $0.id, isEnabled: true, isDraining: false,
                since: -1_000_000, sessions: 0)
        }
    }

    private var now: Int64 { cloud.clock.now }
    private var witness: (any SimulatedWitness)? { cloud.network.witness }

    /// Lets a fault of the router bite, now or as soon as it can.
    public func inject(_ fault: SimulatedFault, for span: Span) {
        switch fault {
        case .routerOutage: outageEnd = now + span.milliseconds
        case .routerRefusal: refusals += 1
        case .slowRouterHealth:
            slow = now..<now + span.milliseconds
            witness?.suffered(fault)
        case .partialShift: partialShifts += 1
        default: break
        }
    }

    /// Ends every fault.
    public func heal() {
        (slow, outageEnd, refusals, partialShifts) = (0..<0, 0, 0, 0)
        for index in table.indices { table[index].partialUntil = 0 }
    }

    /// The members as the router sees them at `moment`, now at the latest.
    func members(at moment: Int64? = nil) -> [TrafficMember] {
        let moment = min(moment ?? now, now)
        return table.map { member in
            let gone = max(0, moment - member.since) / 400
            return TrafficMember(
                name: member.name, address: member.address, status: status(of: member, at: moment),
                openSessions: Int(member.isDraining ? max(0, member.sessions - gone) : 0))
        }
    }

    /// How the router treats an instance at `moment`; `nil` when it is no member.
    public func status(of id: InstanceID, at moment: Int64? = nil) -> TrafficMember.Status? {
        return table.first { $0.instance == id }.map { status(of: $0, at: min(moment ?? now, now)) }
    }

    /// How many members are in service at `moment`, one of them perhaps left out of the count.
    public func inServiceCount(without left: InstanceID? = nil, at moment: Int64? = nil) -> Int {
        let moment = min(moment ?? now, now)
        return table.count { $0.instance != left && status(of: $0, at: moment) == .inService }
    }

    private func status(of member: Member, at moment: Int64) -> TrafficMember.Status {
        if !member.isEnabled { return moment < member.partialUntil ? .draining : .disabled }
        if member.isDraining { return .draining }
        let seenFrom = max(
            member.since + healthDelay, member.partialUntil, slow.contains(member.since) ? slow.upperBound : 0)
        guard seenFrom <= moment else { return .unhealthy }
        return cloud.machine(member.instance)?.serves(at: moment - healthDelay) == true ? .inService : .unhealthy
    }

    /// Why the router does not take a change, or answer, now.
    func refusal(isMutating: Bool) -> TrafficError? {
        if now < outageEnd {
            witness?.suffered(.routerOutage)
            return TrafficError(.unavailable, router: name, detail: "no answer")
        }
        guard isMutating, refusals > 0 else { return nil }
        refusals -= 1
        witness?.suffered(.routerRefusal)
        return TrafficError(.refused, router: name, detail: "the router is being reloaded")
    }

    /// Takes a change; a part of the router may go on as before for a while.
    func take(_ change: TrafficChange) {
        witness?.callTakesEffect(.traffic(name, change))
        var member =
            table.first { $0.instance == change.instance }
            ?? Member(
                name: change.instance.rawValue, address: change.address ?? "", instance: change.instance,
                isEnabled: false, isDraining: false, since: now, sessions: 0)
        let before = (member.isEnabled, member.isDraining)
        switch change.action {
        case .register, .restore: (member.isEnabled, member.isDraining) = (true, false)
        case .drain: (member.isEnabled, member.isDraining) = (member.isEnabled, member.isEnabled)
        case .remove: (member.isEnabled, member.isDraining) = (false, false)
        }
        if before != (member.isEnabled, member.isDraining) {
            member.since = now
            member.sessions = random.number(0...8)
            member.partialUntil = 0
            if partialShifts > 0 {
                partialShifts -= 1
                witness?.suffered(.partialShift)
                member.partialUntil = now + random.number(1000...8000)
            }
        }
        table.removeAll { $0.instance == member.instance }
        table.append(member)
    }
}

/// What one process holds of a simulated router.
public struct SimulatedRouterClient: TrafficRouter {
    private let router: SimulatedRouter
    private let network: SimulatedNetwork
    private let process: SimulatedProcess

    /// Creates the client of one process.
    public init(_ router: SimulatedRouter, network: SimulatedNetwork, for process: SimulatedProcess) {
        self.router = router
        self.network = network
        self.process = process
    }

    /// The router's name.
    public var name: RouterName { router.name }
    /// The key of the traffic slot.
    public var slot: String { "simulated:\(router.name)" }

    /// The members as the router sees them.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await exchange(isMutating: false) { [router] in router.members() }
    }

    /// Makes one change.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        if process.isAlive { network.witness?.callBegins(.traffic(name, change), by: process) }
        try await exchange(isMutating: true) { [router] in router.take(change) }
    }

    private func exchange<Answer: Sendable>(
        isMutating: Bool, _ effect: @escaping @Sendable () -> Answer
    ) async throws(TrafficError) -> Answer {
        let name = name
        return try await network.exchange(
            by: process, isMutating: isMutating,
            failure: { failure in
                let code: TrafficError.Code =
                    switch failure {
                    case .reset: .unavailable
                    case .garbled: .malformedAnswer
                    case .senderGone: .cancelled
                    }
                return TrafficError(code, router: name, detail: failure.detail)
            },
            effect: { [router] () -> Result<Answer, TrafficError> in
                if let refusal = router.refusal(isMutating: isMutating) { return .failure(refusal) }
                return .success(effect())
            }
        ).get()
    }
}
