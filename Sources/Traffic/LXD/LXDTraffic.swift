public import LXDClient
public import Workflow

/// Makes the routers and observers of one LXD or Incus server and project.
///
/// Share one among all swaps on a server: what they ask at the same time is asked once.
public final class LXDTraffic: Sendable {
    private let client: any LXDCalling
    private let clock: any WorkflowClock
    private let commands: @Sendable (InstanceID) -> any CommandRunner
    private let listing: LXDListing

    /// Creates the maker; nothing is read or sent.
    ///
    /// - Parameter commands: makes the runner of commands on an instance, whose id is its name.
    public init(
        client: any LXDCalling, clock: any WorkflowClock,
        commands: @escaping @Sendable (InstanceID) -> any CommandRunner
    ) {
        self.client = client
        self.clock = clock
        self.commands = commands
        listing = LXDListing(client: client, clock: clock)
    }

    /// The router that moves a proxy device.
    ///
    /// Throws `invalidRequest` when the route's `listen` is none.
    public func router(for route: LXDProxyRoute) throws(TrafficError) -> any TrafficRouter {
        let possession = try LXDProxyPossession(route)
        return LXDDeviceRouter(carriage: carriage(of: possession), use: nil)
    }

    /// The observer of a proxy device, which cannot change anything.
    ///
    /// Throws as `router(for:)` does.
    public func observer(for route: LXDProxyRoute) throws(TrafficError) -> any TrafficObserver {
        LXDDeviceObserver(reading: reading(of: try LXDProxyPossession(route)))
    }

    /// The router that moves a custom volume.
    public func router(for route: LXDVolumeRoute) -> any TrafficRouter {
        let possession = LXDVolumePossession(route)
        let stop = LXDReplacementStop(router: possession.router, client: client, clock: clock)
        return LXDDeviceRouter(
            carriage: carriage(of: possession),
            use: LXDVolumeUse(router: possession.router, commands: commands, stop: stop))
    }

    /// The observer of a custom volume, which cannot change anything.
    public func observer(for route: LXDVolumeRoute) -> any TrafficObserver {
        LXDDeviceObserver(reading: reading(of: LXDVolumePossession(route)))
    }

    /// The router that moves a static address.
    ///
    /// Throws `invalidRequest` when the route's address is none.
    public func router(for route: LXDAddressRoute) throws(TrafficError) -> any TrafficRouter {
        let possession = try LXDAddressPossession(route)
        return LXDAddressRouter(
            possession: possession, carriage: carriage(of: possession), client: client, commands: commands)
    }

    /// The observer of a static address, which cannot change anything.
    ///
    /// Throws as `router(for:)` does.
    public func observer(for route: LXDAddressRoute) throws(TrafficError) -> any TrafficObserver {
        let possession = try LXDAddressPossession(route)
        return LXDAddressObserver(possession: possession, reading: reading(of: possession), client: client)
    }

    private func reading(of possession: some LXDPossession) -> LXDReader {
        LXDReader(possession: possession, listing: listing)
    }

    private func carriage(of possession: some LXDPossession) -> LXDCarriage {
        LXDCarriage(reader: reading(of: possession), client: client)
    }
}
