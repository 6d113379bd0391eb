public import Workflow

/// Everything the engine works with; adapters are chosen by whoever composes the program.
public struct EngineEnvironment: Sendable {
    /// The durable history.
    public var journal: any Journal
    /// The provider of both instances.
    public var provider: any CloudProvider
    /// The routers of the plan, by name.
    public var routers: [RouterName: any TrafficRouter]
    /// Runs health checks.
    public var assessor: any HealthAssessor
    /// Asks machines what is left to patch.
    public var inspector: any PatchInspector
    /// Updates machines in place; `nil` where none can be.
    public var updater: (any MachineUpdater)?
    /// The clock.
    public var clock: any WorkflowClock
    /// Where evidence is kept.
    public var evidence: any EvidenceWriter
    /// This process, as leases name it.
    public var holder: LeaseHolder
    /// Removes secrets from any text before it is stored.
    public var redact: @Sendable (String) -> String
    /// Whether checks may probe loopback: only where the provider's instances live there.
    public var allowsLoopback: Bool
    /// How long a complete read must keep missing an instance before it counts as absent.
    public var consistencyWindow: Span
    /// How long an instance that was seen running may be seen not to run before it counts as gone: the time that a
    /// provider takes for a reboot, where it shows one as a stop.
    public var restartWindow: Span
    /// The longest pause between two looks at something that is waited for.
    public var longestPause: Span
    /// A random number from 0 up to but not including 1, for back-off.
    public var random: @Sendable () -> Double
    /// How often the store is asked whether another process has written to it.
    public var requestPollInterval: Span
    /// Where the engine's tasks run; `nil` for Swift's own threads.
    ///
    /// A simulation gives one thread of its own, so that its clock alone decides what runs after what.
    public var executor: (any TaskExecutor)?

    /// Creates an environment.
    public init(
        journal: any Journal, provider: any CloudProvider, routers: [RouterName: any TrafficRouter],
        assessor: any HealthAssessor, inspector: any PatchInspector, updater: (any MachineUpdater)? = nil,
        clock: any WorkflowClock,
        evidence: any EvidenceWriter, holder: LeaseHolder, redact: @escaping @Sendable (String) -> String,
        allowsLoopback: Bool, consistencyWindow: Span, random: @escaping @Sendable () -> Double,
        restartWindow: Span = .zero, longestPause: Span = .seconds(1),
        requestPollInterval: Span = .milliseconds(50), executor: (any TaskExecutor)? = nil
    ) {
        self.journal = journal
        self.provider = provider
        self.routers = routers
        self.assessor = assessor
        self.inspector = inspector
        self.updater = updater
        self.clock = clock
        self.evidence = evidence
        self.holder = holder
        self.redact = redact
        self.allowsLoopback = allowsLoopback
        self.consistencyWindow = consistencyWindow
        self.restartWindow = restartWindow
        self.longestPause = longestPause
        self.random = random
        self.requestPollInterval = requestPollInterval
        self.executor = executor
    }
}
