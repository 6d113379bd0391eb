/// The half of a snapshot provider that cannot change anything.
public protocol SnapshotObserver: Sendable {
    /// Says what a snapshot of `instance` would not hold (warnings `outside-snapshot`), and why none can be taken, where
    /// that is so (an obstacle `no-snapshot`).
    func snapshotFindings(for instance: Instance) async throws(ProviderError) -> [PreflightFinding]
}

/// Takes snapshots of instances and brings instances back to them.
///
/// Every call may be repeated with the same arguments. What takes longer than one call throws `unavailable`, which says
/// that the provider is still at work; the same call, repeated, then waits on.
public protocol SnapshotProvider: SnapshotObserver {
    /// Takes a snapshot; returns once it is complete, at once when there is a complete one of that name.
    func snapshot(_ id: InstanceID, named name: String) async throws(ProviderError)

    /// Brings an instance's disk back to a snapshot and has it boot from there; returns once the provider is done.
    ///
    /// Throws `invalidRequest` when there is no such snapshot.
    func restore(_ id: InstanceID, to name: String) async throws(ProviderError)

    /// Deletes a snapshot, complete or not; returns at once when there is none of that name.
    func deleteSnapshot(_ id: InstanceID, named name: String) async throws(ProviderError)
}
