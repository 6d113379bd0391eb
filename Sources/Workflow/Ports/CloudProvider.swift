/// A provider of instances: where they come from and where they go.
///
/// Every call may be repeated with the same arguments and then has no further effect.
public protocol CloudProvider: InstanceObserver {
    /// Launches an instance, or returns the one that the same token already created.
    ///
    /// Ownership tags are set by the launch itself, never afterwards. Returns as soon as the provider has accepted it.
    func launch(_ request: LaunchRequest) async throws(ProviderError) -> Instance

    /// Whether a launch has several steps, so that one whose answer was lost is repeated, which goes on where it broke
    /// off, rather than taken for done as soon as its instance is found.
    var finishesLaunches: Bool { get }

    /// Stops an instance and keeps its disk; returns once accepted, and at once when it is stopped already.
    func stop(_ id: InstanceID) async throws(ProviderError)

    /// Starts a stopped instance; returns once accepted, and at once when it runs already.
    func start(_ id: InstanceID) async throws(ProviderError)

    /// Terminates an instance for good; returns once accepted, and at once when it is terminated already.
    ///
    /// Throws `terminationProtected` for a protected instance and never lifts the protection.
    func terminate(_ id: InstanceID) async throws(ProviderError)

    /// Reboots a running instance; returns once accepted. Repeated, it may reboot again.
    func reboot(_ id: InstanceID) async throws(ProviderError)

    /// Takes snapshots; `nil` where the provider has none.
    var snapshots: (any SnapshotProvider)? { get }

    /// Sets the given tags and leaves all others as they are; a `nil` value removes the tag.
    func tag(_ id: InstanceID, with tags: [String: String?]) async throws(ProviderError)
}

extension CloudProvider {
    /// A launch is one call.
    public var finishesLaunches: Bool { false }

    /// It has none.
    public var snapshots: (any SnapshotProvider)? { nil }
}
