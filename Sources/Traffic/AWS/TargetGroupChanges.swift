import AWSClient
import Workflow

/// Changes a target group; shared by all routers of the group in this process.
///
/// Registering and deregistering may be repeated: a registered target stays as it is, and "if the specified target does
/// not exist, the action returns successfully" (DeregisterTargets in the API's reference).
actor TargetGroupChanges {
    private static let window = Span.milliseconds(20)
    /// For how long others are waited for while many swaps change the group.
    private static let busyWindow = Span.milliseconds(150)
    /// Targets in one call.
    private static let batchLimit = 100
    /// For how long a deregistration of this process's own is not repeated.
    private static let memory = Span.seconds(60)
    private static let memoryLimit = 1024

    private let reading: TargetGroupReading
    private let clock: any WorkflowClock
    let registering: ChangeBatcher<GroupTarget>
    private let deregistering: ChangeBatcher<GroupTarget>
    private var removals: [String: Removal] = [:]

    /// What this process deregistered; saves calls, and tells ports, but is never proof of anything.
    private struct Removal {
        var time: Int64
        var targets: [GroupTarget]
    }

    init(reading: TargetGroupReading, client: any AWSQuerying, clock: any WorkflowClock) {
        self.reading = reading
        self.clock = clock
        registering = Self.batcher("RegisterTargets", arn: reading.arn, client: client, clock: clock)
        deregistering = Self.batcher("DeregisterTargets", arn: reading.arn, client: client, clock: clock)
    }

    private static func batcher(
        _ action: String, arn: String, client: any AWSQuerying, clock: any WorkflowClock
    ) -> ChangeBatcher<GroupTarget> {
        ChangeBatcher(clock: clock, window: window, busyWindow: busyWindow, limit: batchLimit) {
            targets throws(AWSError) in
            var parameters = GroupTarget.parameters(targets)
            parameters["TargetGroupArn"] = arn
            _ = try await client.query(AWSCall(.elbv2, action, parameters, repetition: .harmless))
        }
    }

    /// Makes one change of the members on `port`, or on the ports that the group shows where it is not given.
    func apply(_ change: TrafficChange, port: Int?) async throws(TrafficError) {
        switch change.action {
        case .register, .restore: try await register(change, port: port)
        case .drain: try await deregister(change, port: port, onlyWhereSeen: false)
        case .remove: try await deregister(change, port: port, onlyWhereSeen: true)
        }
    }

    private func register(_ change: TrafficChange, port: Int?) async throws(TrafficError) {
        let kind = try await reading.kind()
        let id = try targetID(of: change, kind: kind)
        // An instance is named by its id and the port; an address may need the zone that the others have.
        let known = port == nil || kind == .address ? try await reading.health() : []
        let targets = try targets(id, port: port, among: known)
        removals[id] = nil
        for target in targets { try await send(target, through: registering, action: "RegisterTargets") }
    }

    private func deregister(
        _ change: TrafficChange, port: Int?, onlyWhereSeen: Bool
    ) async throws(TrafficError) {
        if await isDeregistered(change, port: port) { return }
        let health = try await reading.health()
        if onlyWhereSeen && health.isEmpty { return }
        let id = try targetID(of: change, kind: try await reading.kind())
        let own = health.filter { Self.isMeant($0, id: id, port: port) }
        var targets = own.filter { !$0.isDraining }.map(\.target)
        if targets.isEmpty {
            if onlyWhereSeen { return }
            // A target that was only just registered may not show yet, so not seeing it is no reason to leave it.
            targets = own.isEmpty ? try self.targets(id, port: port, among: health) : own.map(\.target)
        }
        for target in targets { try await send(target, through: deregistering, action: "DeregisterTargets") }
        remember(Removal(time: clock.monotonicMilliseconds(), targets: targets), of: id)
    }

    /// Whether this process deregistered the target a moment ago and no look since shows it registered.
    private func isDeregistered(_ change: TrafficChange, port: Int?) async -> Bool {
        let ids = [change.instance.rawValue, change.address].compactMap { $0 }
        for id in ids {
            guard let removal = removals[id], removal.time + Self.memory.milliseconds >= clock.monotonicMilliseconds()
            else { continue }
            let seen = await reading.lastHealth() ?? []
            return !seen.contains { Self.isMeant($0, id: id, port: port) && !$0.isDraining }
        }
        return false
    }

    private static func isMeant(_ health: TargetHealth, id: String, port: Int?) -> Bool {
        health.status != nil && health.target.id == id && (port == nil || health.target.port == port)
    }

    private func targetID(of change: TrafficChange, kind: TargetKind) throws(TrafficError) -> String {
        if kind == .instance { return change.instance.rawValue }
        guard let address = change.address, !address.isEmpty else {
            throw TrafficError(
                .invalidRequest, router: reading.router,
                detail: "the targets of \(reading.arn) are addresses (target type ip) and \(change.instance) has none")
        }
        return address
    }

    /// What to name in a call for a target that the group need not show.
    private func targets(
        _ id: String, port: Int?, among health: [TargetHealth]
    ) throws(TrafficError) -> [GroupTarget] {
        let registered = health.filter { $0.status != nil && !$0.isDraining }.map(\.target)
        // Addresses outside the group's network are all registered with the zone `all`.
        let zones = Set(registered.map(\.zone))
        let zone = zones.count == 1 ? zones.first.flatMap { $0 } : nil
        if let port { return [GroupTarget(id: id, port: port, zone: zone)] }
        if let removal = removals[id] { return removal.targets }
        let ports = Set(registered.map(\.port))
        guard ports.count <= 1 else {
            let list = ports.compactMap { $0 }.sorted().map(String.init).joined(separator: ", ")
            throw TrafficError(
                .invalidRequest, router: reading.router,
                detail: "the targets of \(reading.arn) serve on several ports (\(list)), so it is not clear on which "
                    + "\(id) serves; set `port` of the route in the playbook")
        }
        return [GroupTarget(id: id, port: ports.first.flatMap { $0 }, zone: zone)]
    }

    private func send(
        _ target: GroupTarget, through batcher: ChangeBatcher<GroupTarget>, action: String
    ) async throws(TrafficError) {
        // Before, so that no answer from before the change counts as one after it; after, since what was asked while
        // the call was under way may show either.
        await reading.outdate()
        do throws(AWSError) { try await batcher.submit(target) } catch {
            await reading.outdate()
            throw reading.error(error, action: action)
        }
        await reading.outdate()
    }

    private func remember(_ removal: Removal, of id: String) {
        removals[id] = removal
        guard removals.count > Self.memoryLimit else { return }
        if let oldest = removals.min(by: { $0.value.time < $1.value.time })?.key { removals[oldest] = nil }
    }
}
