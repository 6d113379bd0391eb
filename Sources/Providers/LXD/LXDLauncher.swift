import LXDClient
import Workflow

/// How a launch's first boot can be followed; the value of the tag `firstBootTag`.
enum LXDFirstBootMethod: String, Sendable, Hashable {
    /// By our unit, which runs our script.
    case unit
    /// By cloud-init, to whose user data our script is added.
    case cloudInit = "cloud-init"
    /// Nothing is patched.
    case none
}

/// Takes one launch from wherever it stands to a started instance.
///
/// The steps are: create, tag with how first boot is followed, which marks the creation as complete, write the files of
/// first boot, start. Each may be broken off by the end of this process or of the server; the next call finds by the
/// instance's name, token, tag and state where to go on. When the server is killed it leaves half an instance behind,
/// which looks like a whole one (LXD 5.0.2): one whose creation is neither marked nor under way is deleted and created
/// anew. A start that failed counts as a last use, so that only whether it is up tells that an instance was started.
struct LXDLauncher: Sendable {
    /// How long one call may take; the engine bounds it to 45 s.
    private static let callTime = Span.seconds(38)
    /// How long the deletion of what was created may take when the launch is given up.
    private static let cleaningTime = Span.seconds(5)

    let client: any LXDCalling
    let clock: any WorkflowClock
    let launch: LaunchRequest
    /// The user data and other configuration that may hold secrets, read anew from the original.
    let secrets: [String: String]

    private var operation: String { "launch \(launch.specification.name)" }
    /// The name that only this launch gives.
    var name: String { LXDInstanceName.name(for: launch.token, called: launch.specification.name) }

    /// Creates and starts the instance; in the next alternative's place where it cannot be created in the one before.
    ///
    /// An error that may not be repeated means that nothing of the instance is left.
    func run() async throws(ProviderError) -> LXDInstance {
        let limit = LXDTimeLimit(Self.callTime, clock: clock)
        let places =
            [launch.specification.properties]
            + launch.specification.alternatives.map {
                LXDProperty.merging(launch.specification.properties, with: $0)
            }
        var number = 0
        while true {
            do throws(ProviderError) { return try await attempt(places[number], limit) } catch {
                number += 1
                // That there is no room, or no such member, the server mostly says in words only.
                let mayBeOfThePlace = [.capacity, .quota, .invalidRequest].contains(error.code) && !error.isRetryable
                guard mayBeOfThePlace, number < places.count else { throw error }
            }
        }
    }

    private func attempt(_ properties: [String: String], _ limit: LXDTimeLimit) async throws(ProviderError)
        -> LXDInstance
    {
        do throws(LXDError) { return try await advance(properties, limit) } catch {
            throw await settled(error, limit)
        }
    }

    /// Goes on from where the launch stands.
    private func advance(_ properties: [String: String], _ limit: LXDTimeLimit) async throws(LXDError) -> LXDInstance {
        if let found = try await mine(), found.isUp { return found }
        // A creation or a start for whose end nobody waits any more; the first is there before its instance is.
        let running = try await operations()
        for operation in running { try await client.finish(operation, within: limit.rest) }
        if let found = try await mine() {
            if found.isUp { return found }
            if running.isEmpty, found.config[Self.markKey] == nil {
                try await remove(within: limit.rest)
                try await create(properties, limit)
            }
        } else {
            try await create(properties, limit)
        }
        let created = try await required()
        let method: LXDFirstBootMethod
        if let known = created.config[Self.markKey].flatMap(LXDFirstBootMethod.init) {
            method = known
        } else {
            method = try await LXDFirstBootPreparation(client: client, patch: launch.specification.patch)
                .mark(created)
        }
        if method == .unit {
            for file in LXDFirstBootUnit.files(patch: launch.specification.patch) {
                try await client.write(file, to: name)
            }
        }
        try await start(limit)
        return try await required()
    }

    private static let markKey = "user." + LXDProperty.firstBootTag

    private func create(_ properties: [String: String], _ limit: LXDTimeLimit) async throws(LXDError) {
        let request = LXDCreation(launch: launch, name: name, properties: properties, secrets: secrets)
        guard let running = try await client.send(.post, request.resource, request.body, version: nil) else { return }
        try await client.finish(running, within: limit.rest)
    }

    private func start(_ limit: LXDTimeLimit) async throws(LXDError) {
        let body = LXDValue.object(["action": .text("start"), "timeout": .integer(-1)])
        do throws(LXDError) {
            guard let running = try await client.send(.put, LXDResource("instances", name, "state"), body, version: nil)
            else { return }
            try await client.finish(running, within: limit.rest)
        } catch {
            if try await mine()?.isUp == true { return }
            guard !error.isRetryable, let cause = await startFailure() else { throw error }
            throw LXDError(
                error.code, request: error.request, detail: "\(error.detail); its log says: \(cause)",
                isUncertain: error.isUncertain)
        }
    }

    /// The last error in the log of an instance that does not start, which goes with the instance.
    private func startFailure() async -> String? {
        let resource = LXDResource("instances", name, "logs", "lxc.log")
        let text = try? await client.text(resource, limitBytes: 1 << 20)
        return text?.split(whereSeparator: \.isNewline).last { $0.contains(" ERROR ") }.map { String($0.suffix(200)) }
    }

    /// The instance of this launch, which is no other's.
    private func mine() async throws(LXDError) -> LXDInstance? {
        guard let found = try await client.instance(name)?.value else { return nil }
        guard found.config["user." + OwnershipTag.token] == launch.token.rawValue else {
            throw LXDError(
                .exists, request: "GET /1.0/instances/\(name)",
                detail: "there is an instance \(name) already, which this launch did not create")
        }
        return found
    }

    private func required() async throws(LXDError) -> LXDInstance {
        if let found = try await mine() { return found }
        throw LXDError(
            .unavailable, request: "GET /1.0/instances/\(name)", detail: "\(name) has gone while it was being launched",
            isUncertain: true)
    }

    /// The operations that are under way on the instance.
    private func operations() async throws(LXDError) -> [LXDOperation] {
        try await client.runningTasks().filter { task in
            (task.resources?["instances"] ?? []).contains { LXDPreflightReader.name(inURL: $0) == name }
        }
    }

    private func remove(within limit: Span) async throws(LXDError) {
        do throws(LXDError) { try await client.perform(.delete, .instance(name), within: limit) } catch {
            guard error.code == .notFound else { throw error }
        }
    }

    /// The provider's error, after taking away what was created where the launch is not to be repeated.
    private func settled(_ error: LXDError, _ limit: LXDTimeLimit) async -> ProviderError {
        let mapped = LXDErrorMapping.launchError(error, operation: operation, location: client.location)
        guard !mapped.isRetryable, error.code != .cancelled else { return mapped }
        guard !error.isUncertain else {
            return repeatable(mapped.detail)
        }
        do throws(LXDError) {
            guard let left = try await mine() else { return mapped }
            // What runs, or has become another's meanwhile, is not deleted, nor is what is still being worked on.
            guard !left.isUp, isUntouched(left), try await operations().isEmpty else {
                return repeatable(mapped.detail)
            }
            try await remove(within: Self.cleaningTime)
            return mapped
        } catch {
            // What another launch created is not this one's to delete.
            guard error.code != .exists else { return mapped }
            return repeatable("\(mapped.detail); and \(name), which was created, cannot be deleted: \(error.detail)")
        }
    }

    /// Whether an instance still has the tags with which it was created.
    private func isUntouched(_ instance: LXDInstance) -> Bool {
        launch.ownershipTags.allSatisfy { instance.config["user." + $0.key] == $0.value }
    }

    private func repeatable(_ detail: String) -> ProviderError {
        ProviderError(.unavailable, operation: operation, detail: detail)
    }
}
