import LXDClient
public import Workflow

/// Snapshots, which make an update in place undoable.
extension LXDProvider {
    /// How long LXD is given for a snapshot; the engine bounds each call to 45 s.
    private static let snapshotTime = Span.seconds(38)

    /// Takes a snapshot of an instance's disks and configuration; done when there is one of that name already.
    public func snapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        let operation = "take the snapshot \(name) of \(id)"
        guard try await !hasSnapshot(id, named: name, operation) else { return }
        _ = try await perform(operation) { () async throws(LXDError) in
            try await client.perform(
                .post, LXDResource("instances", id.rawValue, "snapshots"),
                .object(["name": .text(name), "stateful": .boolean(false)]), within: Self.snapshotTime)
        }
    }

    /// Brings an instance's disks and configuration, tags included, back to a snapshot; one that runs is restarted.
    public func restore(_ id: InstanceID, to name: String) async throws(ProviderError) {
        let operation = "restore \(id) to the snapshot \(name)"
        guard try await hasSnapshot(id, named: name, operation) else {
            throw ProviderError(.invalidRequest, operation: operation, detail: "\(id) has no snapshot \(name)")
        }
        _ = try await perform(operation) { () async throws(LXDError) in
            try await client.perform(
                .put, .instance(id.rawValue), .object(["restore": .text(name)]), within: Self.snapshotTime)
        }
    }

    /// Deletes a snapshot; done when there is none of that name.
    public func deleteSnapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        let operation = "delete the snapshot \(name) of \(id)"
        guard try await hasSnapshot(id, named: name, operation) else { return }
        _ = try await perform(operation) { () async throws(LXDError) in
            try await client.perform(
                .delete, LXDResource("instances", id.rawValue, "snapshots", name), within: Self.snapshotTime)
        }
    }

    /// The names of an instance's snapshots.
    func snapshots(of id: InstanceID, _ operation: String) async throws(ProviderError) -> [String] {
        _ = try await existing(id, operation)
        return try await perform(operation) { () async throws(LXDError) in
            try await client.read(LXDResource("instances", id.rawValue, "snapshots"), as: [String].self).value
                .map { LXDPreflightReader.name(inURL: $0) }
        }
    }

    private func hasSnapshot(
        _ id: InstanceID, named name: String, _ operation: String
    ) async throws(ProviderError) -> Bool {
        try await snapshots(of: id, operation).contains(name)
    }
}
