/// A playbook as a person wrote it, with every default filled in.
public struct Playbook: Sendable, Hashable, Codable {
    /// Which instances the playbook is for, when none are named on the command line.
    public struct Selection: Sendable, Hashable, Codable {
        /// Instances by id or name.
        public var instances: [String]
        /// Instances that carry all of these tags.
        public var tags: [String: String]

        /// Creates a selection.
        public init(instances: [String] = [], tags: [String: String] = [:]) {
            self.instances = instances
            self.tags = tags
        }
    }

    /// The playbook's name.
    public var name: String
    /// What it is for, in words.
    public var summary: String
    /// The provider, by its name in `changeover.yaml`; `nil` for the configuration's default.
    public var provider: ProviderName?
    /// Which instances it is for.
    public var selection: Selection
    /// How the replacement is launched and patched.
    public var launch: LaunchChoices
    /// Paths of the check files, relative to the playbook's folder or its parent.
    public var checks: [String]
    /// The routers through which traffic moves.
    public var routes: [TrafficRoute]
    /// Approvals, waiting times and deadlines.
    public var policy: SwapPolicy
    /// How instances are updated.
    public var strategy: Strategy
    /// What happens when blue-green cannot be attempted; `nil` for nothing.
    public var fallback: FallbackPolicy?
    /// Whether an update in place may take the last healthy member out of a router.
    public var mayInterrupt: Bool
    /// Whether the drain time comes from the routers, where they have one of their own; `policy.drain` elsewhere.
    public var derivesDrain: Bool

    /// Creates a playbook.
    public init(
        name: String, summary: String = "", provider: ProviderName? = nil, selection: Selection = Selection(),
        launch: LaunchChoices = LaunchChoices(), checks: [String] = [], routes: [TrafficRoute] = [],
        policy: SwapPolicy = SwapPolicy(), derivesDrain: Bool = false, strategy: Strategy = .blueGreen,
        fallback: FallbackPolicy? = nil, mayInterrupt: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.provider = provider
        self.selection = selection
        self.launch = launch
        self.checks = checks
        self.routes = routes
        self.policy = policy
        self.derivesDrain = derivesDrain
        self.strategy = strategy
        self.fallback = fallback
        self.mayInterrupt = mayInterrupt
    }
}
