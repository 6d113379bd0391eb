public import AWSClient
import Foundation
public import Workflow

/// Makes the routers and observers of one AWS account in one region.
///
/// Share one among all swaps of an account: what they ask at the same time about the same group is asked once, and
/// what they change at the same time goes in one call.
public final class AWSTraffic: Sendable {
    private let client: any AWSQuerying
    private let clock: any WorkflowClock
    private let usesPublicAddress: Bool
    private let groups = SharedByKey<String, TargetGroup>()
    private let addresses = SharedByKey<String, ElasticAddressReading>()

    /// A group's shared state.
    struct TargetGroup {
        var reading: TargetGroupReading
        var changes: TargetGroupChanges
    }

    /// Creates the maker; nothing is read or sent.
    ///
    /// - Parameter usesPublicAddress: whether instances are known by their public addresses instead of their private
    ///   ones.
    public convenience init(client: AWSClient, clock: any WorkflowClock, usesPublicAddress: Bool = false) {
        self.init(querying: client, clock: clock, usesPublicAddress: usesPublicAddress)
    }

    init(querying client: any AWSQuerying, clock: any WorkflowClock, usesPublicAddress: Bool = false) {
        self.client = client
        self.clock = clock
        self.usesPublicAddress = usesPublicAddress
    }

    /// The router that changes a target group.
    public func router(for route: TargetGroupRoute) -> any TrafficRouter {
        let group = group(of: route)
        return TargetGroupRouter(route: route, reading: group.reading, changes: group.changes)
    }

    /// The observer of a target group, which cannot change anything.
    public func observer(for route: TargetGroupRoute) -> any TrafficObserver {
        TargetGroupObserver(route: route, reading: group(of: route).reading)
    }

    /// The router that moves an Elastic address.
    public func router(for route: ElasticAddressRoute) -> any TrafficRouter {
        ElasticAddressRouter(reading: address(of: route), clock: clock)
    }

    /// The observer of an Elastic address, which cannot move it.
    public func observer(for route: ElasticAddressRoute) -> any TrafficObserver {
        ElasticAddressObserver(reading: address(of: route))
    }

    /// The shared state of a group.
    func group(of route: TargetGroupRoute) -> TargetGroup {
        groups.value(for: route.arn) {
            let reading = TargetGroupReading(
                arn: route.arn, router: TrafficRoute.targetGroup(route).name, client: client, clock: clock,
                usesPublicAddress: usesPublicAddress)
            return TargetGroup(
                reading: reading, changes: TargetGroupChanges(reading: reading, client: client, clock: clock))
        }
    }

    private func address(of route: ElasticAddressRoute) -> ElasticAddressReading {
        addresses.value(for: route.address) {
            ElasticAddressReading(
                route: route, router: TrafficRoute.elasticAddress(route).name, client: client, clock: clock,
                usesPublicAddress: usesPublicAddress)
        }
    }
}

/// Values that are made once for each key.
private final class SharedByKey<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    // Touched under `lock` only.
    private let lock = NSLock()
    private var values: [Key: Value] = [:]

    func value(for key: Key, make: () -> Value) -> Value {
        lock.withLock {
            if let value = values[key] { return value }
            let value = make()
            values[key] = value
            return value
        }
    }
}
