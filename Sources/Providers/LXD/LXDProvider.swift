public import LXDClient
public import Workflow

/// Instances of one LXD or Incus server or cluster, in one project.
///
/// Everything is read from the server: nothing is remembered that a later process would need. An instance's id is its
/// name in the project; replacements are named after the original and the launch's token, and the tag `name` holds what
/// they are called for people.
public final class LXDProvider: CloudProvider {
    /// Which of an instance's addresses counts.
    public enum AddressFamily: String, Sendable, Hashable {
        /// The IPv4 address.
        case ipv4
        /// The global IPv6 address.
        case ipv6
    }

    /// What a configuration says of the provider.
    public struct Settings: Sendable, Hashable {
        /// The provider's name in messages.
        public var name: ProviderName
        /// The cluster member on which replacements are launched; `nil` for the original's own.
        public var target: String?
        /// The interface or network device whose address counts; `nil` for the first device in the order of names.
        public var network: String?
        /// Which of an instance's addresses counts.
        public var addressFamily: AddressFamily

        /// Creates settings.
        public init(
            name: ProviderName = ProviderName("lxd"), target: String? = nil, network: String? = nil,
            addressFamily: AddressFamily = .ipv4
        ) {
            self.name = name
            self.target = target
            self.network = network
            self.addressFamily = addressFamily
        }
    }

    /// What the configuration says of the provider.
    public let settings: Settings
    let client: any LXDCalling
    let clock: any WorkflowClock
    let reports = LockedValue<[InstanceID: String]>([:])
    let consoles = LockedValue<[InstanceID: LXDConsole]>([:])
    private let commands: @Sendable (Instance) -> any CommandRunner

    /// Creates a provider; nothing is read before the first call.
    ///
    /// `commands` makes the runner of commands on an instance.
    public init(
        settings: Settings, client: any LXDCalling, clock: any WorkflowClock,
        commands: @escaping @Sendable (Instance) -> any CommandRunner
    ) {
        self.settings = settings
        self.client = client
        self.clock = clock
        self.commands = commands
    }

    /// Where the server is, and the project.
    public var location: String { client.location }

    /// A launch creates, prepares and starts an instance, and goes on where it broke off.
    public var finishesLaunches: Bool { true }

    /// Lists all instances of the project.
    public func instances() async throws(ProviderError) -> [Instance] {
        let operation = "list the instances of \(settings.name)"
        let all = try await listed(operation)
        if let unread = all.first(where: { $0.instance == nil }) { throw unreadError(unread, operation) }
        return all.compactMap(\.instance).map(observed).sorted { $0.id < $1.id }
    }

    /// Reads one instance.
    ///
    /// Between its end and its new start a container that reboots is stopped like any other, and nothing tells it from
    /// one (for 0.3 s on an idle machine, LXD 5.0.2).
    public func instance(_ id: InstanceID) async throws(ProviderError) -> Instance? {
        try await read(id, "read \(id)").map(observed)
    }

    /// Finds the instance that a launch with `token` created, by the tag that the creation itself set.
    ///
    /// Two of them, which should not be, are an error that names them.
    public func instance(launchedWith token: LaunchToken) async throws(ProviderError) -> Instance? {
        let operation = "look for the launch \(token)"
        let all = try await listed(operation)
        let found = all.compactMap(\.instance).filter { $0.config["user." + OwnershipTag.token] == token.rawValue }
        guard found.count < 2 else {
            throw ProviderError(
                .malformedAnswer, operation: operation,
                detail: "\(found.map(\.name).sorted().joined(separator: " and ")) carry the token of one launch; "
                    + "delete those that are too many")
        }
        if found.isEmpty {
            if let unread = all.first(where: { $0.instance == nil }) { throw unreadError(unread, operation) }
            try await requireNoCreation(beside: Set(all.map(\.name)), operation)
        }
        return found.first.map(observed)
    }

    /// Throws while the server works on an instance that it does not list yet, since that may be the one looked for.
    private func requireNoCreation(beside known: Set<String>, _ operation: String) async throws(ProviderError) {
        let tasks = try await perform(operation) { () async throws(LXDError) in try await client.runningTasks() }
        for name in tasks.flatMap({ $0.resources?["instances"] ?? [] }).map(LXDPreflightReader.name(inURL:)) {
            guard !known.contains(name) else { continue }
            throw ProviderError(
                .unavailable, operation: operation, detail: "the server is still creating \(name) (\(location))")
        }
    }

    /// The runner of commands on an instance.
    public func commandRunner(for instance: Instance) -> any CommandRunner { commands(instance) }

    /// A listed instance; of one on a cluster member that does not answer only the name is known.
    struct Listed: Sendable, Decodable {
        var name: String
        var location: String?
        var instance: LXDInstance?

        private enum CodingKeys: String, CodingKey { case name, location, config }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(String.self, forKey: .name)
            location = try container.decodeIfPresent(String.self, forKey: .location)
            let isComplete = try container.contains(.config) && !container.decodeNil(forKey: .config)
            instance = isComplete ? try LXDInstance(from: decoder) : nil
        }
    }

    private func listed(_ operation: String) async throws(ProviderError) -> [Listed] {
        try await perform(operation) { () async throws(LXDError) in
            try await client.read(LXDResource("instances", query: ["recursion": "2"]), as: [Listed].self).value
        }
    }

    private func unreadError(_ listed: Listed, _ operation: String) -> ProviderError {
        ProviderError(
            .unavailable, operation: operation,
            detail: "\(listed.name) cannot be read, since the cluster member \(listed.location ?? "it is on") does not "
                + "answer (\(location))")
    }

    /// Reads one instance as the server has it.
    func read(_ id: InstanceID, _ operation: String) async throws(ProviderError) -> LXDInstance? {
        // Anything else is no name that an instance could have, and might be part of another request.
        guard LXDInstanceName.isValid(id.rawValue) else { return nil }
        return try await perform(operation) { () async throws(LXDError) in
            try await client.instance(id.rawValue)?.value
        }
    }

    /// Reads an instance that must be there.
    func existing(_ id: InstanceID, _ operation: String) async throws(ProviderError) -> LXDInstance {
        guard let found = try await read(id, operation) else {
            throw ProviderError(
                .instanceNotFound, operation: operation, detail: "there is no instance \(id) \(location)")
        }
        return found
    }

    func observed(_ instance: LXDInstance) -> Instance {
        LXDObservation(instance: instance, network: settings.network, family: settings.addressFamily).observed
    }

    /// Makes calls and names the operation in their error.
    func perform<Value>(
        _ operation: String, _ calls: () async throws(LXDError) -> Value
    ) async throws(ProviderError) -> Value {
        do { return try await calls() } catch {
            throw LXDErrorMapping.error(error, operation: operation, location: location)
        }
    }
}
