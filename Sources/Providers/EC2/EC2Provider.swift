public import AWSClient
import Glibc
public import Workflow

/// Instances of Amazon EC2 in one account and region.
///
/// All swaps of a process share one provider, so that their reads are joined. Each instance's state is read with
/// DescribeInstances; nothing is remembered that a later process would need.
public final class EC2Provider: CloudProvider {
    /// What a configuration says of the provider.
    public struct Settings: Sendable, Hashable {
        /// The provider's name in messages.
        public var name: ProviderName
        /// How commands are run on instances.
        public var commands: EC2Commands
        /// For how long reads may lag behind changes.
        public var consistencyWindow: Span
        /// Whether instances are reached at their public addresses instead of their private ones.
        public var usesPublicAddress: Bool
        /// Whether a plan asks by a dry run whether the launch would be allowed.
        public var asksPermissions: Bool

        /// Creates settings.
        public init(
            name: ProviderName = ProviderName("ec2"), commands: EC2Commands = .ssm,
            consistencyWindow: Span = .minutes(5), usesPublicAddress: Bool = false, asksPermissions: Bool = true
        ) {
            self.name = name
            self.commands = commands
            self.consistencyWindow = consistencyWindow
            self.usesPublicAddress = usesPublicAddress
            self.asksPermissions = asksPermissions
        }
    }

    /// What the configuration says of the provider.
    public let settings: Settings
    let client: any AWSCalling
    let clock: any WorkflowClock
    let poller: EC2Poller
    let originals: EC2OriginalReader
    let consoles: EC2ConsoleReader
    let launches = LockedValue<[LaunchToken: Int]>([:])
    let dryRuns: TimedCache<LaunchSpecification, [PreflightFinding]>
    let statusChecks: TimedCache<InstanceID, EC2StatusCheck>
    let reports: TimedCache<InstanceID, FirstBootStatus>
    let impairedSince = LockedValue<[InstanceID: Int64]>([:])
    private let ssh: SSHRunnerFactory?

    /// Creates a provider; nothing is read before the first call.
    ///
    /// `ssh` makes the runner of an instance when commands are run by SSH, such as that of `SSHConnections`.
    public convenience init(
        settings: Settings, client: AWSClient, clock: any WorkflowClock,
        ssh: SSHRunnerFactory? = nil
    ) {
        self.init(settings: settings, calling: client, clock: clock, ssh: ssh)
    }

    init(
        settings: Settings, calling client: any AWSCalling, clock: any WorkflowClock,
        ssh: SSHRunnerFactory? = nil
    ) {
        self.settings = settings
        self.client = client
        self.clock = clock
        self.ssh = ssh
        let reader = EC2InstanceReader(client: client, usesPublicAddress: settings.usesPublicAddress)
        poller = EC2Poller(clock: clock) { ids async throws(AWSError) in try await reader.read(ids) }
        originals = EC2OriginalReader(client: client, clock: clock)
        consoles = EC2ConsoleReader(client: client, clock: clock)
        dryRuns = TimedCache(clock: clock, lifetime: .seconds(30))
        statusChecks = TimedCache(clock: clock, lifetime: .seconds(15))
        reports = TimedCache(clock: clock, lifetime: .seconds(5))
    }

    var reader: EC2InstanceReader {
        EC2InstanceReader(client: client, usesPublicAddress: settings.usesPublicAddress)
    }

    /// The region.
    public var location: String { region.isEmpty ? "" : "in region \(region)" }

    /// Lists all instances of the account in the region, terminated ones for about an hour.
    public func instances() async throws(ProviderError) -> [Instance] {
        try await perform("list the instances of \(settings.name)") { () async throws(AWSError) in
            let mark = poller.beginList()
            let all = try await reader.readAll()
            poller.learn(all: all, since: mark)
            return all.map(\.instance)
        }
    }

    /// Reads one instance, together with what others ask for at the same time.
    public func instance(_ id: InstanceID) async throws(ProviderError) -> Instance? {
        try await perform("read \(id)") { () async throws(AWSError) in
            try await poller.observation(of: id)?.instance
        }
    }

    /// Finds the instance that a launch with `token` created, by the tag that the launch itself set.
    ///
    /// One that lives is returned before one that is terminated; two that live, which should not be, are an error that
    /// names them.
    public func instance(launchedWith token: LaunchToken) async throws(ProviderError) -> Instance? {
        try await perform("look for the launch \(token)") { () async throws(AWSError) in
            let found = try await reader.read(filter: "tag:\(OwnershipTag.token)", values: [token.rawValue])
            let instances = found.map(\.instance).sorted { $0.id < $1.id }
            let live = instances.filter { $0.state != .terminated && $0.state != .terminating }
            guard live.count < 2 else {
                throw AWSError(
                    .malformedAnswer, action: "DescribeInstances",
                    detail: "\(live.map(\.id.rawValue).joined(separator: " and ")) carry the token of one launch; "
                        + "terminate those that are too many",
                    isRetryable: false)
            }
            return live.first ?? instances.first
        }
    }

    /// Reads the newest 256 KiB of the serial console, at most every 15 s.
    public func consoleOutput(of id: InstanceID) async throws(ProviderError) -> String {
        try await perform("read the console output of \(id)") { () async throws(AWSError) in
            try await consoles.output(of: id)
        }
    }

    /// A runner of commands on one instance, as the settings say.
    public func commandRunner(for instance: Instance) -> any CommandRunner {
        switch settings.commands {
        case .ssm: return SSMCommandRunner(instance: instance.id, calling: client, clock: clock)
        case .ssh(let ssh):
            guard instance.address != nil else {
                return UnreachableCommandRunner(detail: "\(instance.id) has no address yet")
            }
            let runner = self.ssh?(instance, ssh) { [self] () async throws(ProviderError) in
                try await consoleOutput(of: instance.id)
            }
            return runner ?? UnreachableCommandRunner(detail: "nothing here speaks SSH")
        case .none:
            return UnreachableCommandRunner(
                detail: "the provider \(settings.name) has no way to run commands (`commands: none`)")
        }
    }

    /// The region for messages; empty when none is configured.
    var region: String { (try? client.region()) ?? "" }

    /// Makes calls and names the operation in their error.
    func perform<Value>(
        _ operation: String, _ calls: () async throws(AWSError) -> Value
    ) async throws(ProviderError) -> Value {
        do { return try await calls() } catch {
            throw EC2ErrorMapping.error(error, operation: operation, region: region)
        }
    }
}
