import AWSClient
public import Workflow

/// What changes instances.
extension EC2Provider {
    /// Launches an instance, in the next alternative's place where there is no room for one.
    ///
    /// Each variant is sent with a client token of its own, derived from the launch token and the request. Within a
    /// process a launch that is repeated goes on with the variant that was sent last.
    public func launch(_ request: LaunchRequest) async throws(ProviderError) -> Instance {
        let operation = "launch \(request.specification.name)"
        let launch = try await runInstancesRequest(for: request)
        if launch.variantCount > 1, launches.withLock({ $0[request.token] }) == nil,
            let existing = try await instance(launchedWith: request.token)
        {
            return existing
        }
        while true {
            let variant = launches.withLock { $0[request.token] } ?? 0
            launches.withLock { $0[request.token] = variant }
            let parameters = try launch.parameters(variant: variant)
            let result: Result<EC2Observation, AWSError>
            do throws(AWSError) { result = .success(try await run(parameters)) } catch { result = .failure(error) }
            switch result {
            case .success(let observation):
                poller.invalidate(observation.instance.id)
                launches.withLock { $0[request.token] = nil }
                // A repeated request answers with what it launched before; that may be gone by now, and is seen to be.
                return observation.instance
            case .failure(let error):
                let isRefused = error.kind == .rejected && !error.isUncertain
                let hasNext = isRefused && EC2ErrorMapping.meansNoRoom(error) && variant + 1 < launch.variantCount
                // What may have had an effect is repeated as it was; only after a refusal another one may begin.
                if isRefused { launches.withLock { $0[request.token] = hasNext ? variant + 1 : nil } }
                if !hasNext { throw launchError(error, operation: operation) }
            }
        }
    }

    private func run(_ parameters: [String: String]) async throws(AWSError) -> EC2Observation {
        // With its client token the request has no further effect when it is repeated.
        let call = AWSCall(.ec2, "RunInstances", parameters, repetition: .harmless)
        let root = try await client.query(call)
        let all = try EC2InstanceDecoder.observations(in: root, usesPublicAddress: settings.usesPublicAddress)
        guard all.count == 1 else {
            throw AWSError(
                .malformedAnswer, action: "RunInstances", detail: "\(all.count) instances where one was asked for",
                isRetryable: true, isUncertain: true)
        }
        return all[0]
    }

    /// The error of a launch: as long as an instance may exist all the same, the launch must be looked for and repeated.
    private func launchError(_ error: AWSError, operation: String) -> ProviderError {
        let mapped = EC2ErrorMapping.error(error, operation: operation, region: region)
        let mayExist = error.isUncertain || error.serviceCode == "IdempotentInstanceTerminated"
        guard mayExist, !mapped.isRetryable else { return mapped }
        return ProviderError(
            .unavailable, operation: operation,
            detail: "\(mapped.detail); an answer before that was lost, so an instance may exist")
    }

    /// Stops one instance; EC2 takes it without effect when it is stopped already.
    public func stop(_ id: InstanceID) async throws(ProviderError) {
        try await change(id, "stop", action: "StopInstances", ["InstanceId.1": id.rawValue])
    }

    /// Reboots one instance; EC2 does so by force when the machine does not by itself within a few minutes.
    public func reboot(_ id: InstanceID) async throws(ProviderError) {
        try await change(id, "reboot", action: "RebootInstances", ["InstanceId.1": id.rawValue])
    }

    /// Starts one instance; EC2 takes it without effect when it runs already.
    public func start(_ id: InstanceID) async throws(ProviderError) {
        try await change(id, "start", action: "StartInstances", ["InstanceId.1": id.rawValue])
    }

    /// Terminates one instance; never lifts a protection.
    public func terminate(_ id: InstanceID) async throws(ProviderError) {
        try await change(id, "terminate", action: "TerminateInstances", ["InstanceId.1": id.rawValue])
    }

    /// Sets and removes tags, each with one call and only where there is something to do.
    public func tag(_ id: InstanceID, with tags: [String: String?]) async throws(ProviderError) {
        let sorted = tags.sorted { $0.key < $1.key }
        let set = sorted.compactMap { tag in tag.value.map { (tag.key, $0) } }
        if !set.isEmpty {
            try await change(tags: set.map { ($0.0, $0.1) }, of: id, action: "CreateTags")
            poller.apply(Dictionary(uniqueKeysWithValues: set.map { ($0.0, Optional($0.1)) }), to: id)
        }
        let removed = sorted.filter { $0.value == nil }.map(\.key)
        if !removed.isEmpty {
            try await change(tags: removed.map { ($0, nil) }, of: id, action: "DeleteTags")
            poller.apply(Dictionary(uniqueKeysWithValues: removed.map { ($0, nil) }), to: id)
        }
    }

    private func change(tags: [(String, String?)], of id: InstanceID, action: String) async throws(ProviderError) {
        var parameters = ["ResourceId.1": id.rawValue]
        for (number, tag) in tags.enumerated() {
            parameters["Tag.\(number + 1).Key"] = tag.0
            parameters["Tag.\(number + 1).Value"] = tag.1
        }
        let call = AWSCall(.ec2, action, parameters, repetition: .harmless)
        do throws(ProviderError) {
            _ = try await perform("tag \(id)") { () async throws(AWSError) in try await client.query(call) }
        } catch {
            poller.invalidate(id)
            throw error
        }
    }

    private func change(
        _ id: InstanceID, _ verb: String, action: String, _ parameters: [String: String]
    ) async throws(ProviderError) {
        poller.invalidate(id)
        defer { poller.invalidate(id) }
        let call = AWSCall(.ec2, action, parameters, repetition: .harmless)
        _ = try await perform("\(verb) \(id)") { () async throws(AWSError) in try await client.query(call) }
    }
}
