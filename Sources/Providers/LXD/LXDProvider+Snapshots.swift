import LXDClient
public import Workflow

/// Snapshots, which make an update in place undoable.
///
/// On a slow pool a copy outlasts the call that began it. A snapshot's record is there before its data, so that its
/// name says nothing while the server is at work on the instance: every call first waits for the end of that.
extension LXDProvider {
    /// How long LXD is given for a snapshot; the engine bounds each call to 45 s.
    private static let snapshotTime = Span.seconds(38)

    /// Takes a snapshot of an instance's disks and configuration; done when there is one of that name already.
    ///
    /// `unavailable` means that the server is still at work and that the same call is to be repeated.
    public func snapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        let operation = "take the snapshot \(name) of \(id)"
        let limit = LXDTimeLimit(Self.snapshotTime, clock: clock)
        _ = try await finishedTasks(on: id, limit, operation)
        guard try await !hasSnapshot(id, named: name, operation) else { return }
        _ = try await perform(operation) { () async throws(LXDError) in
            try await client.perform(
                .post, LXDResource("instances", id.rawValue, "snapshots"),
                .object(["name": .text(name), "stateful": .boolean(false)]), within: limit.rest)
        }
    }

    /// Brings an instance's disks and configuration, tags included, back to a snapshot; one that runs is restarted.
    ///
    /// `unavailable` means that the server is still at work and that the same call is to be repeated.
    public func restore(_ id: InstanceID, to name: String) async throws(ProviderError) {
        let operation = "restore \(id) to the snapshot \(name)"
        let limit = LXDTimeLimit(Self.snapshotTime, clock: clock)
        let finished = try await finishedTasks(on: id, limit, operation)
        guard try await hasSnapshot(id, named: name, operation) else {
            throw ProviderError(.invalidRequest, operation: operation, detail: "\(id) has no snapshot \(name)")
        }
        // The restoration of an earlier call; another one would outlast its call like that.
        guard !finished.contains(where: \.isRestoration) else { return }
        _ = try await perform(operation) { () async throws(LXDError) in
            try await client.perform(
                .put, .instance(id.rawValue), .object(["restore": .text(name)]), within: limit.rest)
        }
    }

    /// Deletes a snapshot; done when there is none of that name.
    ///
    /// `unavailable` means that the server is still at work and that the same call is to be repeated.
    public func deleteSnapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        let operation = "delete the snapshot \(name) of \(id)"
        let limit = LXDTimeLimit(Self.snapshotTime, clock: clock)
        _ = try await finishedTasks(on: id, limit, operation)
        guard try await hasSnapshot(id, named: name, operation) else { return }
        _ = try await perform(operation) { () async throws(LXDError) in
            try await client.perform(
                .delete, LXDResource("instances", id.rawValue, "snapshots", name), within: limit.rest)
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

    /// Waits for what the server is doing to an instance; returns what of it ended well.
    ///
    /// Throws `unavailable` when it has not ended in time, or when the server has forgotten it.
    private func finishedTasks(
        on id: InstanceID, _ limit: LXDTimeLimit, _ operation: String
    ) async throws(ProviderError) -> [TaskWords] {
        try await perform(operation) { () async throws(LXDError) -> [TaskWords] in
            var finished: [TaskWords] = []
            for task in try await client.runningTasks() where Self.isTask(task, on: id) {
                let words = try await LXDPreflightReader(client: client).optional(
                    LXDResource("operations", task.id), as: TaskWords.self)
                do throws(LXDError) {
                    try await client.finish(task, within: limit.rest)
                    if let words { finished.append(words) }
                } catch {
                    // What failed has ended too, and what it left is read next.
                    guard error.code == .failed else { throw error }
                }
            }
            return finished
        }
    }

    /// Whether an operation works on an instance or on one of its snapshots, by the kinds that servers file it under.
    private static func isTask(_ task: LXDOperation, on id: InstanceID) -> Bool {
        (task.resources ?? [:]).values.joined().contains { url in
            let words = url.prefix { $0 != "?" }.split(separator: "/")
            return words.count > 2 && words[1] == "instances" && words[2] == id.rawValue
        }
    }
}

/// What an operation says of itself in words.
private struct TaskWords: Sendable, Decodable {
    var description: String?

    /// LXD has nothing but this text that tells a restoration from other updates of an instance.
    var isRestoration: Bool { description == "Restoring snapshot" }
}
