import AWSClient
public import Workflow

/// Reads who holds an Elastic address, and can send nothing that moves it.
public struct ElasticAddressObserver: TrafficObserver {
    private let reading: ElasticAddressReading

    init(reading: ElasticAddressReading) {
        self.reading = reading
    }

    /// The router's name, `elasticAddress:<address>`.
    public var name: RouterName { reading.router }

    /// The slot's key, `elastic-address:<address as the route says it>`.
    public var slot: String { "elastic-address:\(reading.route.address)" }

    /// The one instance that holds the address; none when it is free.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await reading.members()
    }
}

/// Moves an Elastic address of AWS from instance to instance.
///
/// The address has one owner, so to bring one instance in is to take the other out, in one call: "if the Elastic IP
/// address is already associated with a different instance, it is disassociated from that instance and associated with
/// the specified instance" (AssociateAddress in the API's reference). `drain` has therefore nothing to do, and at no
/// time between two owners is the address without one. AWS does not check the health of an owner: a member counts as in
/// service when the address is its own. Connections that are open when the address moves break.
public struct ElasticAddressRouter: TrafficRouter {
    /// How long after a move the reads may still show the former owner before the move is tried again.
    private static let consistencyWindow = Span.seconds(5)

    private let reading: ElasticAddressReading
    private let clock: any WorkflowClock

    init(reading: ElasticAddressReading, clock: any WorkflowClock) {
        self.reading = reading
        self.clock = clock
    }

    /// The router's name, `elasticAddress:<address>`.
    public var name: RouterName { reading.router }

    /// The slot's key, `elastic-address:<address as the route says it>`.
    public var slot: String { "elastic-address:\(reading.route.address)" }

    /// The one instance that holds the address; none when it is free.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await reading.members()
    }

    /// Makes one change; a move returns once a read shows the new owner.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        switch change.action {
        case .register, .restore: try await move(to: change.instance)
        case .drain: return
        case .remove: try await release(from: change.instance)
        }
    }

    /// Associates the address, unless it is the instance's already.
    ///
    /// Where the look just before shows it free, the call says `AllowReassociation=false`, so that nobody who takes it
    /// in between is robbed. Where another instance holds it, the call must say `true`. That other instance is the
    /// swap's own other one: the plan recorded the original as the address's member and refuses to begin otherwise, no
    /// two live swaps share a slot, and what holds the address after that is what this swap gave it to.
    private func move(to instance: InstanceID) async throws(TrafficError) {
        let before = try await reading.currentAssociation()
        let owner = try reading.owner(before)
        if owner == instance { return }
        let parameters = [
            "AllocationId": before.allocation, "InstanceId": instance.rawValue,
            "AllowReassociation": owner == nil ? "false" : "true",
        ]
        let begin = clock.monotonicMilliseconds()
        do throws(TrafficError) {
            // Repeating it is harmless: the address only ever moves to the same instance.
            _ = try await reading.ask("AssociateAddress", parameters)
        } catch {
            await reading.outdate()
            throw error
        }
        try await confirm(instance, since: begin)
    }

    /// Reads until the address shows its new owner, since reads may lag behind.
    private func confirm(_ instance: InstanceID, since begin: Int64) async throws(TrafficError) {
        var wait = Span.milliseconds(100)
        while true {
            let now = try await reading.currentAssociation()
            if now.instance == instance { return }
            guard clock.monotonicMilliseconds() - begin < Self.consistencyWindow.milliseconds else {
                throw TrafficError(
                    .unavailable, router: name,
                    detail: "AWS took the move of \(reading.route.address) to \(instance) but still shows it at "
                        + "\(now.instance?.rawValue ?? now.interface ?? "nobody")")
            }
            do { try await clock.sleep(for: wait) } catch {
                throw TrafficError(.cancelled, router: name, detail: "the move was cancelled")
            }
            wait = min(Span(milliseconds: wait.milliseconds * 2), .seconds(1))
        }
    }

    /// Frees the address where the instance still holds it.
    ///
    /// The association's own id is named, which ends when the address moves: it cannot be taken from anyone else.
    private func release(from instance: InstanceID) async throws(TrafficError) {
        let before = try await reading.currentAssociation()
        guard before.instance == instance, let association = before.id else { return }
        do throws(AWSError) {
            let call = AWSCall(.ec2, "DisassociateAddress", ["AssociationId": association], repetition: .harmless)
            _ = try await reading.client.query(call)
        } catch {
            await reading.outdate()
            // An association that has ended by itself is what was asked for.
            if error.serviceCode == "InvalidAssociationID.NotFound" { return }
            throw TrafficError(
                error, router: name, resource: reading.route.address, permission: "ec2:DisassociateAddress")
        }
        await reading.outdate()
    }
}
