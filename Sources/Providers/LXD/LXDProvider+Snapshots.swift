import LXDClient
public import Workflow

/// Snapshots, which make an update in place undoable.
///
/// On a slow pool a copy outlasts the call that began it, and its record is there before its data. So a snapshot is
/// taken under a provisional name and renamed once its operation has ended well: whatever bears the wanted name is
/// complete. Every call first waits for the end of what the server is doing to the instance, and then sets an instance
/// going again that was left frozen: some pools freeze it while they copy, and a server (LXD 5.0.2) that is killed
/// meanwhile leaves it like that, with half a snapshot.
extension LXDProvider: SnapshotProvider {
    /// How long LXD is given for one call's work; the engine bounds each call to 45 s.
    static let callTime = Span.seconds(38)

    /// Takes snapshots.
    public var snapshots: (any SnapshotProvider)? { self }

    /// Takes a snapshot of an instance's disks and configuration; done when there is one of that name already.
    ///
    /// `unavailable` means that the server is still at work and that the same call is to be repeated.
    public func snapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        let operation = "take the snapshot \(name) of \(id)"
        let limit = LXDTimeLimit(Self.callTime, clock: clock)
        let finished = try await finishedTasks(on: id, limit, operation)
        try await thaw(id, limit, operation)
        let present = try await snapshots(of: id, operation)
        guard !present.contains(name) else { return }
        let draft = Self.draft(of: name)
        let isComplete = present.contains(draft) && finished.filter(\.isSnapshot).count == 1
        if present.contains(draft) && !isComplete { try await remove(draft, of: id, limit, operation) }
        _ = try await perform(operation) { () async throws(LXDError) in
            if !isComplete {
                try await client.perform(
                    .post, LXDResource("instances", id.rawValue, "snapshots"),
                    .object(["name": .text(draft), "stateful": .boolean(false)]), within: limit.rest)
            }
            try await client.perform(
                .post, LXDResource("instances", id.rawValue, "snapshots", draft), .object(["name": .text(name)]),
                within: limit.rest)
        }
    }

    /// Brings an instance's disks and configuration, tags included, back to a snapshot, and has it run.
    ///
    /// `unavailable` means that the server is still at work and that the same call is to be repeated.
    public func restore(_ id: InstanceID, to name: String) async throws(ProviderError) {
        let operation = "restore \(id) to the snapshot \(name)"
        let limit = LXDTimeLimit(Self.callTime, clock: clock)
        let finished = try await finishedTasks(on: id, limit, operation)
        try await thaw(id, limit, operation)
        guard try await snapshots(of: id, operation).contains(name) else {
            throw ProviderError(.invalidRequest, operation: operation, detail: "\(id) has no snapshot \(name)")
        }
        // The restoration of an earlier call is not begun again: another one would outlast its call like that.
        if !finished.contains(where: \.isRestoration) {
            _ = try await perform(operation) { () async throws(LXDError) in
                try await client.perform(
                    .put, .instance(id.rawValue), .object(["restore": .text(name)]), within: limit.rest)
            }
        }
        try await waitForTags(of: id, as: name, limit, operation)
        // A restoration that was broken off leaves the instance stopped, and the next one leaves it so.
        guard try await existing(id, operation).isDown else { return }
        try await start(id, within: max(.seconds(1), limit.rest))
    }

    /// Deletes a snapshot, complete or not; done when there is none of that name.
    ///
    /// `unavailable` means that the server is still at work and that the same call is to be repeated.
    public func deleteSnapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        let operation = "delete the snapshot \(name) of \(id)"
        let limit = LXDTimeLimit(Self.callTime, clock: clock)
        _ = try await finishedTasks(on: id, limit, operation)
        try await thaw(id, limit, operation)
        for present in try await snapshots(of: id, operation) where [name, Self.draft(of: name)].contains(present) {
            try await remove(present, of: id, limit, operation)
        }
    }

    /// Names the disks that a snapshot leaves out, and says why none can be taken where a project forbids it.
    public func snapshotFindings(for instance: Instance) async throws(ProviderError) -> [PreflightFinding] {
        let operation = "read \(instance.id)"
        let found = try await existing(instance.id, operation)
        let reader = LXDPreflightReader(client: client)
        let project = try await perform(operation) { () async throws(LXDError) -> ProjectRules? in
            let abilities = try await reader.optional(LXDResource(), as: LXDAbilities.self)
            guard let name = abilities?.environment?.project else { return nil }
            return try await reader.optional(LXDResource("projects", name), as: ProjectRules.self)
        }
        let outside = LXDDevice.list(found.expandedDevices).compactMap { device in
            Self.outside(device).map {
                PreflightFinding(
                    .warning, code: "outside-snapshot",
                    message:
                        "\($0) (device \(device.name) of \(found.name)) is in no snapshot, so what an update writes "
                        + "there stays when \(found.name) is brought back.")
            }
        }
        guard let project, project.forbidsSnapshots else { return outside }
        return [
            PreflightFinding(
                .obstacle, code: "no-snapshot",
                message: "The project \(project.name) allows no snapshots (restricted.snapshots), so an update of "
                    + "\(found.name) could not be undone.")
        ] + outside
    }

    /// The names of an instance's snapshots.
    func snapshots(of id: InstanceID, _ operation: String) async throws(ProviderError) -> [String] {
        _ = try await existing(id, operation)
        return try await perform(operation) { () async throws(LXDError) in
            try await client.read(LXDResource("instances", id.rawValue, "snapshots"), as: [String].self).value
                .map { LXDPreflightReader.name(inURL: $0) }
        }
    }

    /// What a snapshot is called as long as it is not known to be complete.
    static func draft(of name: String) -> String { "\(name)-unfinished" }

    /// What of a device a snapshot does not hold.
    private static func outside(_ device: LXDDevice) -> String? {
        guard device.options["type"] == "disk" else { return nil }
        return switch device.role {
        case .volume(let pool, let volume): "The volume \(volume) of the pool \(pool)"
        case .hostPath(let path): "\(path) of the host"
        case .hardware: "The disk \(device.options["source"] ?? "")"
        case .root, .proxy, .network, .other: nil
        }
    }

    /// Deletes a snapshot; one whose copying goes on without a server that would know of it is tried again.
    private func remove(
        _ name: String, of id: InstanceID, _ limit: LXDTimeLimit, _ operation: String
    ) async throws(ProviderError) {
        do throws(LXDError) {
            try await client.perform(
                .delete, LXDResource("instances", id.rawValue, "snapshots", name), within: limit.rest)
        } catch {
            if error.code == .notFound { return }
            let mapped = LXDErrorMapping.error(error, operation: operation, location: location)
            guard error.code == .failed else { throw mapped }
            throw ProviderError(.unavailable, operation: operation, detail: mapped.detail)
        }
    }

    /// Sets an instance going again that is frozen although the server does nothing to it.
    private func thaw(_ id: InstanceID, _ limit: LXDTimeLimit, _ operation: String) async throws(ProviderError) {
        let found = try await existing(id, operation)
        guard ["Frozen", "Freezing"].contains(found.state?.status ?? found.status) else { return }
        do throws(LXDError) {
            try await change(id, to: "unfreeze", isForced: false, timeout: nil, within: limit.rest)
        } catch {
            let now = try await existing(id, operation)
            guard ["Frozen", "Freezing"].contains(now.state?.status ?? now.status) else { return }
            throw LXDErrorMapping.error(error, operation: operation, location: location)
        }
    }

    /// Waits until an instance has the tags that a snapshot has: a restoration brings them back after the disk.
    private func waitForTags(
        of id: InstanceID, as name: String, _ limit: LXDTimeLimit, _ operation: String
    ) async throws(ProviderError) {
        let wanted = try await perform(operation) { () async throws(LXDError) in
            try await client.read(
                LXDResource("instances", id.rawValue, "snapshots", name), as: SnapshotWords.self
            ).value.config?.tags ?? [:]
        }
        while try await existing(id, operation).config.tags != wanted {
            guard !limit.isOver else {
                throw ProviderError(
                    .unavailable, operation: operation,
                    detail: "the disk of \(id) is back, its configuration is not yet (\(location))")
            }
            do { try await clock.sleep(for: .milliseconds(250)) } catch {
                throw ProviderError(.cancelled, operation: operation, detail: "cancelled while it was waited for")
            }
        }
    }

    /// Waits for what the server is doing to an instance; returns what of it ended well.
    ///
    /// Throws `unavailable` when it has not ended in time, or when the server has forgotten it.
    func finishedTasks(
        on id: InstanceID, _ limit: LXDTimeLimit, _ operation: String
    ) async throws(ProviderError) -> [LXDTaskWords] {
        try await perform(operation) { () async throws(LXDError) -> [LXDTaskWords] in
            var finished: [LXDTaskWords] = []
            for task in try await client.runningTasks() where Self.isTask(task, on: id) {
                let words = try await LXDPreflightReader(client: client).optional(
                    LXDResource("operations", task.id), as: LXDTaskWords.self)
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

/// What an operation says of itself in words; LXD has nothing but this text to tell one kind from another.
struct LXDTaskWords: Sendable, Decodable {
    var description: String?

    /// Whether it brought an instance back to a snapshot.
    var isRestoration: Bool { description == "Restoring snapshot" }
    /// Whether it took a snapshot.
    var isSnapshot: Bool { description == "Snapshotting instance" }
    /// Whether it restarted an instance.
    var isRestart: Bool { description == "Restarting instance" }
}

/// What counts of a snapshot; its times are not always such.
private struct SnapshotWords: Sendable, Decodable {
    var config: [String: String]?
}

/// What a project allows (LXD documentation, Project configuration).
private struct ProjectRules: Sendable, Decodable {
    var name: String
    var config: [String: String]?

    /// A restricted project allows none unless it says so.
    var forbidsSnapshots: Bool {
        ["true", "1", "yes", "on"].contains(config?["restricted"] ?? "")
            && config?["restricted.snapshots", default: "block"] != "allow"
    }
}
