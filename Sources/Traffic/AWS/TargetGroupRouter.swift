public import Workflow

/// Reads the members of a target group of an AWS load balancer, and can send nothing that changes it.
public struct TargetGroupObserver: TrafficObserver {
    private let route: TargetGroupRoute
    private let reading: TargetGroupReading

    init(route: TargetGroupRoute, reading: TargetGroupReading) {
        self.route = route
        self.reading = reading
    }

    /// The router's name, `targetGroup:<name>`.
    public var name: RouterName { reading.router }

    /// It does not: a target that was deregistered gets no new work and finishes what it has.
    public var cutsOnRemoval: Bool { false }

    /// The slot's key, `elbv2:<resource name>`.
    public var slot: String { "elbv2:\(route.arn)" }

    /// Reads every member of the group; complete or throws.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await reading.members(port: route.port)
    }

    /// The group's deregistration delay.
    public func drainTime() async throws(TrafficError) -> Span? {
        try await reading.drainTime()
    }
}

/// Moves traffic between the targets of a target group of an AWS load balancer.
///
/// A member is in service when the load balancer itself sees it healthy. A drained member is deregistered: it shows as
/// draining for the group's deregistration delay, nobody can tell how many connections it still has, and then it is
/// gone. `drain` and `remove` are therefore the same call, which is made once.
public struct TargetGroupRouter: TrafficRouter {
    private let route: TargetGroupRoute
    private let reading: TargetGroupReading
    private let changes: TargetGroupChanges

    init(route: TargetGroupRoute, reading: TargetGroupReading, changes: TargetGroupChanges) {
        self.route = route
        self.reading = reading
        self.changes = changes
    }

    /// The router's name, `targetGroup:<name>`.
    public var name: RouterName { reading.router }

    /// It does not: a target that was deregistered gets no new work and finishes what it has.
    public var cutsOnRemoval: Bool { false }

    /// The slot's key, `elbv2:<resource name>`.
    public var slot: String { "elbv2:\(route.arn)" }

    /// Reads every member of the group; complete or throws.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await reading.members(port: route.port)
    }

    /// The group's deregistration delay.
    public func drainTime() async throws(TrafficError) -> Span? {
        try await reading.drainTime()
    }

    /// Makes one change; returns once the service has taken it.
    ///
    /// Give the address too where the group's targets are addresses.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        try await changes.apply(change, port: route.port)
    }
}
