import LXDClient
public import Workflow

/// What changes instances.
///
/// The engine bounds each call to 45 s, so that every stretch of waiting here is shorter.
extension LXDProvider {
    /// How long an instance is given to stop by itself.
    private static let shutdownTime = Span.seconds(25)
    /// How long LXD is given for one operation that does not depend on the instance.
    private static let operationTime = Span.seconds(12)
    /// How long an instance is given to stop by itself before it is restarted by force.
    private static let rebootTime = Span.seconds(20)
    /// How long LXD is given for a restart by force.
    private static let forcedRebootTime = Span.seconds(14)
    /// How long LXD is given to start an instance.
    private static let startTime = Span.seconds(35)

    /// Stops an instance; one that does not stop by itself within 25 s is stopped by force.
    public func stop(_ id: InstanceID) async throws(ProviderError) {
        let operation = "stop \(id)"
        guard try await !existing(id, operation).isDown else { return }
        let start = clock.monotonicMilliseconds()
        do throws(LXDError) {
            try await change(
                id, to: "stop", isForced: false, timeout: Self.shutdownTime, within: Self.shutdownTime + .seconds(2))
            return
        } catch {
            // What an instance that does not stop says, and what is said while it stops already, differ in words only. A
            // server that went away says nothing about the instance, which has its time again when the server is back.
            let hadItsTime = clock.monotonicMilliseconds() - start >= Self.shutdownTime.milliseconds
            let says = [.failed, .invalidRequest].contains(error.code) || (error.code == .unavailable && hadItsTime)
            if !says {
                if let found = try await read(id, operation), found.isDown { return }
                throw LXDErrorMapping.error(error, operation: operation, location: location)
            }
        }
        guard try await !existing(id, operation).isDown else { return }
        try await halt(id, operation)
    }

    /// Starts an instance.
    public func start(_ id: InstanceID) async throws(ProviderError) {
        try await start(id, within: Self.startTime)
    }

    /// Starts an instance within a stretch of time.
    func start(_ id: InstanceID, within limit: Span) async throws(ProviderError) {
        let operation = "start \(id)"
        guard try await !existing(id, operation).isUp else { return }
        do throws(LXDError) {
            try await change(id, to: "start", isForced: false, timeout: nil, within: limit)
        } catch {
            // It may have been started by somebody else.
            if let found = try await read(id, operation), found.isUp { return }
            throw LXDErrorMapping.error(error, operation: operation, location: location)
        }
    }

    /// Restarts an instance; one that does not stop by itself within 20 s is restarted by force.
    ///
    /// One that an earlier call left stopped is started. `unavailable` means that the server is still at work and that
    /// the same call is to be repeated, which then goes on.
    public func reboot(_ id: InstanceID) async throws(ProviderError) {
        let operation = "reboot \(id)"
        let limit = LXDTimeLimit(Self.callTime, clock: clock)
        let finished = try await finishedTasks(on: id, limit, operation)
        guard !finished.contains(where: \.isRestart) else { return }
        guard limit.rest >= Self.rebootTime + Self.forcedRebootTime else {
            throw ProviderError(
                .unavailable, operation: operation,
                detail: "the server was at work on \(id) until now (\(location))")
        }
        if try await existing(id, operation).isDown { return try await start(id) }
        let start = clock.monotonicMilliseconds()
        do throws(LXDError) {
            try await change(
                id, to: "restart", isForced: false, timeout: Self.rebootTime, within: Self.rebootTime + .seconds(4))
            return
        } catch {
            let hadItsTime = clock.monotonicMilliseconds() - start >= Self.rebootTime.milliseconds
            let says = [.failed, .invalidRequest].contains(error.code) || (error.code == .unavailable && hadItsTime)
            guard says else { throw LXDErrorMapping.error(error, operation: operation, location: location) }
        }
        if try await existing(id, operation).isDown { return try await self.start(id, within: Self.forcedRebootTime) }
        _ = try await perform(operation) { () async throws(LXDError) in
            try await change(id, to: "restart", isForced: true, timeout: nil, within: Self.forcedRebootTime)
        }
    }

    /// Deletes an instance with its snapshots, after stopping it by force where it runs; never lifts a protection.
    public func terminate(_ id: InstanceID) async throws(ProviderError) {
        let operation = "terminate \(id)"
        guard let found = try await read(id, operation) else { return }
        guard !found.isProtected else {
            throw ProviderError(
                .terminationProtected, operation: operation,
                detail: "\(id) is protected against deletion (security.protection.delete); take the protection off "
                    + "yourself if that is meant (\(location))")
        }
        // One of which the server cannot tell how it is may be deleted all the same.
        if found.isUp { try await halt(id, operation) } else if !found.isDown { try? await halt(id, operation) }
        do throws(LXDError) {
            try await client.perform(.delete, .instance(id.rawValue), within: Self.operationTime)
        } catch {
            if try await read(id, operation) == nil { return }
            throw LXDErrorMapping.error(error, operation: operation, location: location)
        }
    }

    /// Sets and removes tags, with one change that is refused when somebody else changes the instance meanwhile.
    public func tag(_ id: InstanceID, with tags: [String: String?]) async throws(ProviderError) {
        let operation = "tag \(id)"
        var changes: [String: String?] = [:]
        for (name, value) in tags {
            guard let key = LXDConfigKind.key(ofTag: name) else {
                throw ProviderError(
                    .invalidRequest, operation: operation,
                    detail: "a tag cannot be called \(name): cloud-init reads the key user.\(name)")
            }
            changes[key] = value
        }
        _ = try await existing(id, operation)
        let wanted = changes
        _ = try await perform(operation) { () async throws(LXDError) in
            try await client.edit(id.rawValue, within: Self.operationTime) { definition throws(LXDError) in
                var config = definition.config
                for (key, value) in wanted { config[key] = value }
                guard config != definition.config else { return false }
                definition.config = config
                return true
            }
        }
    }

    /// Stops an instance at once; done when it is down or gone.
    private func halt(_ id: InstanceID, _ operation: String) async throws(ProviderError) {
        do throws(LXDError) {
            try await change(id, to: "stop", isForced: true, timeout: nil, within: Self.operationTime)
        } catch {
            guard let found = try await read(id, operation), !found.isDown else { return }
            throw LXDErrorMapping.error(error, operation: operation, location: location)
        }
    }

    /// Changes an instance's state and waits.
    func change(
        _ id: InstanceID, to action: String, isForced: Bool, timeout: Span?, within limit: Span
    ) async throws(LXDError) {
        // LXD takes whole seconds, and -1 for no limit.
        let seconds = timeout.map { Int($0.milliseconds / 1000) } ?? -1
        try await client.perform(
            .put, LXDResource("instances", id.rawValue, "state"),
            .object(["action": .text(action), "force": .boolean(isForced), "timeout": .integer(seconds)]),
            within: limit)
    }
}
