/// The frozen decision of one swap: what will be launched, moved, checked and retired.
///
/// A plan never changes once its swap exists. Its hash covers everything but `createdAt`.
public struct Plan: Sendable, Hashable, Codable {
    /// The version of the plan format that this program reads and writes.
    public static let currentFormat = 1

    /// The version of the format, 1 at present.
    public var format: Int
    /// The provider of both instances.
    public var provider: ProviderName
    /// The outgoing instance as it was when the plan was made.
    public var original: Instance
    /// What the replacement will be.
    public var launch: LaunchSpecification
    /// Each thing that is carried over, with its inverse.
    public var ledger: [LedgerEntry]
    /// The routers through which traffic moves.
    public var routes: [TrafficRoute]
    /// The health checks, with their whole text.
    public var checks: [CheckDocument]
    /// Approvals, waiting times and deadlines.
    public var policy: SwapPolicy
    /// What planning found that an operator should read.
    public var findings: [PreflightFinding]
    /// Updates the original lacks; `nil` when it could not be asked.
    public var pendingUpdates: [PendingUpdate]?
    /// What the swap will cost, in words.
    public var cost: String
    /// How instances are updated; `nil` for blue-green.
    public var strategy: Strategy?
    /// What happens when blue-green cannot be attempted; `nil` for nothing.
    public var fallback: FallbackPolicy?
    /// How the original is updated in place; `nil` where that is neither the strategy nor the fallback.
    public var update: UpdatePlan?
    /// When the plan was made; not part of the hash.
    public var createdAt: WallTime

    /// Creates a plan in the current format.
    public init(
        provider: ProviderName, original: Instance, launch: LaunchSpecification, ledger: [LedgerEntry],
        routes: [TrafficRoute], checks: [CheckDocument], policy: SwapPolicy, findings: [PreflightFinding],
        pendingUpdates: [PendingUpdate]?, cost: String, strategy: Strategy? = nil, fallback: FallbackPolicy? = nil,
        update: UpdatePlan? = nil, createdAt: WallTime
    ) {
        self.format = Self.currentFormat
        self.provider = provider
        self.original = original
        self.launch = launch
        self.ledger = ledger
        self.routes = routes
        self.checks = checks
        self.policy = policy
        self.findings = findings
        self.pendingUpdates = pendingUpdates
        self.cost = cost
        self.strategy = strategy
        self.fallback = fallback
        self.update = update
        self.createdAt = createdAt
    }
}
