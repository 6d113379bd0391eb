import LXDClient
public import Workflow

/// Reads which instance has a device of LXD or Incus that moves, and can send nothing that changes it.
public struct LXDDeviceObserver: TrafficObserver {
    private let reading: LXDReader

    init(reading: LXDReader) {
        self.reading = reading
    }

    /// The router's name, `lxdProxy:<listen>` or `lxdVolume:<pool>/<volume>`.
    public var name: RouterName { reading.router }

    /// The slot's key, `lxd-proxy:<listen>` or `lxd-volume:<pool>/<volume>`.
    public var slot: String { reading.possession.slot }

    /// The instance that has the device; in service when it runs.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await reading.members { (name, all) throws(TrafficError) in
            all.instances[name]?.status == "Running" ? .inService : .unhealthy
        }
    }
}

/// Moves a device of LXD or Incus, a proxy's or a custom volume's, from instance to instance.
///
/// The device has one owner: to bring one instance in is to take the other out, so `drain` has nothing to do. The
/// server takes and gives devices while the instances run, and lets no two running instances listen on one address, so
/// that for the time between, about a second, nobody has it. A member that runs counts as in service. Connections
/// through a proxy device that moves break.
public struct LXDDeviceRouter: TrafficRouter {
    private let carriage: LXDCarriage
    private let use: LXDVolumeUse?

    init(carriage: LXDCarriage, use: LXDVolumeUse?) {
        self.carriage = carriage
        self.use = use
    }

    /// The router's name, `lxdProxy:<listen>` or `lxdVolume:<pool>/<volume>`.
    public var name: RouterName { carriage.reader.router }

    /// The slot's key, `lxd-proxy:<listen>` or `lxd-volume:<pool>/<volume>`.
    public var slot: String { carriage.reader.possession.slot }

    /// The instance that has the device; in service when it runs.
    public func members() async throws(TrafficError) -> [TrafficMember] {
        try await LXDDeviceObserver(reading: carriage.reader).members()
    }

    /// Makes one change; a move that broke off is gone on with.
    ///
    /// The receiving instance need not run. A swap's replacement is stopped before `restore` takes a volume from it.
    /// Throws `refused`, and takes nothing, where processes of any other running owner have files of a volume open for
    /// writing.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        switch change.action {
        case .register, .restore:
            let isGoingBack = change.action == .restore
            try await carriage.bring(to: change.instance.rawValue) { (giver, devices) throws(TrafficError) in
                try await use?.end(on: giver, devices: devices, isGoingBack: isGoingBack)
            }
        case .drain: return
        case .remove: try await carriage.release(from: change.instance.rawValue)
        }
    }
}
