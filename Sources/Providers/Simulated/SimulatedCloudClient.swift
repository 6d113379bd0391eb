public import Workflow

/// What one process holds of a simulated cloud: each call takes its time on the way and may be lost there.
public struct SimulatedCloudClient: CloudProvider {
    private let cloud: SimulatedCloud
    private let process: SimulatedProcess

    /// Creates the client of one process.
    public init(_ cloud: SimulatedCloud, for process: SimulatedProcess) {
        self.cloud = cloud
        self.process = process
    }

    // MARK: Reading

    /// Every instance as the cloud lists it, which may lag behind.
    public func instances() async throws(ProviderError) -> [Instance] {
        try await read("list instances") { $0.allShown(at: $1) }
    }

    /// One instance as the cloud shows it, which may lag behind.
    public func instance(_ id: InstanceID) async throws(ProviderError) -> Instance? {
        let found = try await read("read \(id)") { $0.shown(id, at: $1) }
        cloud.network.witness?.read(id, as: found, by: process)
        return found
    }

    /// The instance that a launch with `token` created, which may lag behind.
    public func instance(launchedWith token: LaunchToken) async throws(ProviderError) -> Instance? {
        try await read("find \(token)") { cloud, moment in
            cloud.allShown(at: moment).first { $0.tags[OwnershipTag.token] == token.rawValue }
        }
    }

    /// How far first boot has come.
    public func firstBoot(of id: InstanceID) async throws(ProviderError) -> FirstBootStatus {
        try await read("read the first boot of \(id)") { cloud, _ in
            guard let machine = cloud.machine(id) else { return .running(detail: "unknown") }
            if cloud.clock.now >= machine.firstBootEndsAt - 1000, let reason = machine.firstBootFailure {
                return .failed(reason: reason)
            }
            return cloud.clock.now >= machine.firstBootEndsAt ? .finished : .running(detail: "installing updates")
        }
    }

    /// What the machine has printed, a secret of its first boot included.
    public func consoleOutput(of id: InstanceID) async throws(ProviderError) -> String {
        try await read("read the console of \(id)") { cloud, _ in
            guard let machine = cloud.machine(id) else { return "" }
            let isUp = cloud.clock.now >= machine.firstBootEndsAt
            return "cloud-init: token \(SimulatedCloud.secret)\n" + (isUp ? "login:\n" : "")
        }
    }

    /// Nothing, or the limit that a launch would meet.
    public func launchFindings(
        for specification: LaunchSpecification
    ) async throws(ProviderError) -> [PreflightFinding] {
        try await read("ask for a launch by dry run") { _, _ in [] }
    }

    /// Nothing: everything can be carried over.
    public func carryOverFindings(
        for original: Instance, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding] {
        try await read("read what \(original.id) has") { _, _ in [] }
    }

    /// The original's own image, tags and properties.
    public func inheritedSpecification(
        of original: Instance, choices: LaunchChoices
    ) async throws(ProviderError) -> LaunchSpecification {
        let tags = original.tags.filter { !$0.key.hasPrefix(OwnershipTag.prefix) }
        return try await read("read the image of \(original.id)") { _, _ in
            LaunchSpecification(
                image: choices.image.id ?? original.image, name: original.name, tags: tags,
                properties: original.properties,
                patch: choices.patch)
        }
    }

    /// A runner that reaches nothing: the simulated assessor and inspector know the machine itself.
    public func commandRunner(for instance: Instance) -> any CommandRunner {
        SimulatedCommandRunner(instance: instance.id)
    }

    // MARK: Changing

    /// Launches an instance, or returns the one that the same token already created.
    public func launch(_ request: LaunchRequest) async throws(ProviderError) -> Instance {
        guard case .launched(let instance) = try await change(.launch(request)) else {
            throw ProviderError(.malformedAnswer, operation: "launch", detail: "the answer names no instance")
        }
        return instance
    }

    /// Stops an instance.
    public func stop(_ id: InstanceID) async throws(ProviderError) { _ = try await change(.stop(id)) }

    /// Starts a stopped instance.
    public func start(_ id: InstanceID) async throws(ProviderError) { _ = try await change(.start(id)) }

    /// Reboots an instance.
    public func reboot(_ id: InstanceID) async throws(ProviderError) { _ = try await change(.reboot(id, from: nil)) }

    /// Terminates an instance.
    public func terminate(_ id: InstanceID) async throws(ProviderError) { _ = try await change(.terminate(id)) }

    /// Sets and removes tags.
    public func tag(_ id: InstanceID, with tags: [String: String?]) async throws(ProviderError) {
        let changes = tags.sorted { $0.key < $1.key }.map { TagChange($0.key, $0.value) }
        _ = try await change(.tag(id, changes))
    }

    // MARK: The way there and back

    private func read<Answer: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (SimulatedCloud, Int64) -> Answer
    ) async throws(ProviderError) -> Answer {
        try await exchange(operation, isMutating: false) { [cloud] in
            if let refusal = cloud.refusal(of: operation) { return .failure(refusal) }
            return .success(body(cloud, cloud.readMoment()))
        }
    }

    private func change(_ request: CallRequest) async throws(ProviderError) -> CallOutcome {
        if process.isAlive { cloud.network.witness?.callBegins(request, by: process) }
        do {
            return try await exchange(request.summary, isMutating: true) { [cloud] in
                if let refusal = cloud.refusal(of: request.summary) { return .failure(refusal) }
                return cloud.carryOut(request)
            }
        } catch {
            if [.capacity, .quota].contains(error.code) { cloud.network.witness?.callRefused(request, by: process) }
            throw error
        }
    }

    private func exchange<Answer: Sendable>(
        _ operation: String, isMutating: Bool,
        _ effect: @escaping @Sendable () -> Result<Answer, ProviderError>
    ) async throws(ProviderError) -> Answer {
        try await cloud.network.exchange(
            by: process, isMutating: isMutating, failure: { ProviderError($0, operation: operation) }, effect: effect
        ).get()
    }
}

extension ProviderError {
    fileprivate init(_ failure: NetworkFailure, operation: String) {
        let code: Code =
            switch failure {
            case .reset: .unavailable
            case .garbled: .malformedAnswer
            case .senderGone: .cancelled
            }
        self.init(code, operation: operation, detail: failure.detail)
    }
}

/// Names the machine that a simulated assessor or inspector is asked about; runs nothing.
struct SimulatedCommandRunner: CommandRunner {
    let instance: InstanceID

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        throw CommandError(.unreachable, detail: "\(instance) exists only in a simulation")
    }
}
