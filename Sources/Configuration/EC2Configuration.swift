public import Workflow

/// What `changeover.yaml` says about an EC2 account; everything left out is looked up as the AWS tools do.
public struct EC2Configuration: Sendable, Hashable {
    /// How commands are run on instances.
    public enum Commands: Sendable, Hashable {
        /// By Systems Manager's agent.
        case ssm
        /// By the OpenSSH client.
        case ssh(SSHConfiguration)
        /// Not at all.
        case none
    }

    /// The region.
    public var region: String?
    /// The profile of the AWS configuration files.
    public var profile: String?
    /// The base URL of the services.
    public var endpoint: String?
    /// How commands are run on instances.
    public var commands: Commands
    /// Whether checks and routers reach instances at their public addresses.
    public var usesPublicAddress: Bool
    /// How long a complete read must keep missing an instance before it counts as absent.
    public var consistencyWindow: Span

    /// Creates a configuration; without arguments it is that of the environment.
    public init(
        region: String? = nil, profile: String? = nil, endpoint: String? = nil, commands: Commands = .ssm,
        usesPublicAddress: Bool = false, consistencyWindow: Span = .minutes(5)
    ) {
        self.region = region
        self.profile = profile
        self.endpoint = endpoint
        self.commands = commands
        self.usesPublicAddress = usesPublicAddress
        self.consistencyWindow = consistencyWindow
    }
}
