import AWSClient
import Workflow

/// What is read from a target group; shared by all observers and routers of the group in this process.
actor TargetGroupReading {
    /// How old a look at the targets may be.
    static let freshness = Span.seconds(1)
    private static let attributesLifetime = Span.seconds(60)

    nonisolated let arn: String
    nonisolated let router: RouterName
    private let client: any AWSQuerying
    private let usesPublicAddress: Bool
    let targets: SharedAnswer<[TargetHealth]>
    private let attributes: SharedAnswer<Span?>
    private let description: SharedAnswer<TargetKind>
    private var knownKind: TargetKind?

    init(arn: String, router: RouterName, client: any AWSQuerying, clock: any WorkflowClock, usesPublicAddress: Bool) {
        self.arn = arn
        self.router = router
        self.client = client
        self.usesPublicAddress = usesPublicAddress
        targets = SharedAnswer(clock: clock, lifetime: Self.freshness, router: router)
        attributes = SharedAnswer(clock: clock, lifetime: Self.attributesLifetime, router: router)
        // A group's target type never changes.
        description = SharedAnswer(clock: clock, lifetime: .hours(1), router: router)
    }

    /// The group's targets with their health, at most a second old.
    func health() async throws(TrafficError) -> [TargetHealth] {
        let health = try await targets.value { () throws(TrafficError) in
            let answer = try await self.ask("DescribeTargetHealth", ["TargetGroupArn": self.arn])
            guard let health = TargetHealth.parse(answer) else { throw self.malformed("DescribeTargetHealth") }
            return health
        }
        if knownKind == nil { knownKind = health.first.map { TargetKind(targetID: $0.target.id) } }
        if let knownKind { try requireSupport(knownKind) }
        return health
    }

    /// The last look that no change has outdated; asks nothing.
    func lastHealth() async -> [TargetHealth]? { await targets.latest }

    /// Takes note of a change, so that nothing read before counts any more.
    func outdate() async { await targets.outdate() }

    /// The group's members, those on `port` where it is given.
    func members(port: Int?) async throws(TrafficError) -> [TrafficMember] {
        try await health().filter { port == nil || $0.target.port == port }
            .compactMap(\.member)
    }

    /// Whether targets are instances or addresses; asked for only when no member shows it.
    func kind() async throws(TrafficError) -> TargetKind {
        if knownKind == nil { _ = try await health() }
        if let knownKind { return knownKind }
        let kind = try await description.value { () throws(TrafficError) in
            let answer = try await self.ask("DescribeTargetGroups", ["TargetGroupArns.member.1": self.arn])
            let groups = answer["DescribeTargetGroupsResult"]?.items("TargetGroups") ?? []
            guard groups.count == 1, let word = groups[0].text("TargetType") else {
                throw self.malformed("DescribeTargetGroups")
            }
            return TargetKind(word: word)
        }
        try requireSupport(kind)
        knownKind = kind
        return kind
    }

    /// The deregistration delay: how long the group lets a deregistered target finish its work.
    func drainTime() async throws(TrafficError) -> Span? {
        try await attributes.value { () throws(TrafficError) in
            let answer = try await self.ask("DescribeTargetGroupAttributes", ["TargetGroupArn": self.arn])
            guard let result = answer["DescribeTargetGroupAttributesResult"], result["Attributes"] != nil else {
                throw self.malformed("DescribeTargetGroupAttributes")
            }
            let delay = result.items("Attributes").first {
                $0.text("Key") == "deregistration_delay.timeout_seconds"
            }
            guard let delay else { return nil }
            guard let seconds = delay.text("Value").flatMap({ Int64($0) }), (0...86_400).contains(seconds) else {
                throw self.malformed("DescribeTargetGroupAttributes")
            }
            return .seconds(seconds)
        }
    }

    /// Puts an error of a call about this group into a router's terms.
    nonisolated func error(_ error: AWSError, action: String) -> TrafficError {
        TrafficError(error, router: router, resource: arn, permission: "elasticloadbalancing:\(action)")
    }

    private func requireSupport(_ kind: TargetKind) throws(TrafficError) {
        switch kind {
        case .instance: return
        case .address:
            guard usesPublicAddress else { return }
            throw TrafficError(
                .invalidRequest, router: router,
                detail: "the targets of \(arn) are addresses inside a network (target type ip), but instances are "
                    + "known by their public addresses here; use private addresses, or a group of type instance")
        case .unsupported(let word):
            throw TrafficError(
                .invalidRequest, router: router,
                detail: "the targets of \(arn) are of type \(word), which no instance can stand in for; name a "
                    + "target group of type instance or ip")
        }
    }

    private nonisolated func ask(
        _ action: String, _ parameters: [String: String]
    ) async throws(TrafficError) -> AWSElement {
        do throws(AWSError) {
            return try await client.query(AWSCall(.elbv2, action, parameters, repetition: .harmless))
        } catch {
            throw self.error(error, action: action)
        }
    }

    private nonisolated func malformed(_ action: String) -> TrafficError {
        TrafficError(
            .malformedAnswer, router: router,
            detail: "the answer to \(action) about \(arn) is not complete; nothing was concluded from it")
    }
}
