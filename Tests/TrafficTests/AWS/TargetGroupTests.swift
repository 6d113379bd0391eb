import AWSClient
import TestSupport
import Testing
import Workflow

@testable import Traffic

@Suite struct TargetGroupTests {
    private let clock = ManualClock()

    private func traffic(_ aws: ScriptedAWS, usesPublicAddress: Bool = false) -> AWSTraffic {
        AWSTraffic(querying: aws, clock: clock, usesPublicAddress: usesPublicAddress)
    }

    private func router(_ aws: ScriptedAWS, port: Int? = nil) -> any TrafficRouter {
        traffic(aws).router(for: TargetGroupRoute(arn: groupARN, port: port))
    }

    private func change(_ action: TrafficChange.Action, _ id: String, address: String? = "10.0.0.9") -> TrafficChange {
        TrafficChange(action, instance: InstanceID(id), address: address)
    }

    /// Applies a change while the clock is moved past the moment in which changes gather.
    private func apply(_ change: TrafficChange, to router: any TrafficRouter) async throws {
        let task = Task { try await router.apply(change) }
        let pump = Task {
            while true {
                try await clock.waitForSleepers(1)
                clock.advanceToNextSleeper()
            }
        }
        defer { pump.cancel() }
        try await task.value
    }

    private static let states: [(String, String?, TrafficMember.Status?)] = [
        ("healthy", nil, .inService), ("initial", "Elb.RegistrationInProgress", .unhealthy),
        ("unhealthy", "Target.FailedHealthChecks", .unhealthy), ("unavailable", "Elb.InternalError", .unhealthy),
        ("draining", "Target.DeregistrationInProgress", .draining), ("unhealthy.draining", nil, .unhealthy),
        ("unused", "Target.NotInUse", .unhealthy), ("unused", "Target.InvalidState", .unhealthy),
        ("unused", "Target.IpUnusable", .unhealthy), ("unused", "Target.NotRegistered", nil),
        ("something-new", nil, .unhealthy),
    ]

    @Test(arguments: states)
    func readsEveryState(_ state: String, _ reason: String?, _ status: TrafficMember.Status?) async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-1", state: state, reason: reason)])
        ])
        let members = try await router(aws).members()
        #expect(members.map(\.status) == [status].compactMap { $0 })
        #expect(members.allSatisfy { $0.instance?.rawValue == "i-1" && $0.address.isEmpty && $0.openSessions == nil })
        #expect(members.allSatisfy { $0.name.contains("unused") == (state == "unused") })
    }

    @Test func knowsAddressesByAddressAndFiltersByPort() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "10.0.0.1", port: 80), .init(id: "10.0.0.2", port: 81)])
        ])
        let members = try await router(aws, port: 81).members()
        #expect(members.map(\.address) == ["10.0.0.2"])
        #expect(members.map(\.name) == ["10.0.0.2:81"])
        #expect(members.first?.instance == nil)
        #expect(members.first?.stands(for: InstanceID("i-9"), at: "10.0.0.2") == true)
    }

    @Test func anIncompleteAnswerIsNoAnswer() async {
        let noState = Answer.element(
            "R",
            [
                Answer.element(
                    "DescribeTargetHealthResult",
                    [
                        Answer.element(
                            "TargetHealthDescriptions",
                            [Answer.element("member", [Answer.element("Target", [Answer.text("Id", "i-1")])])])
                    ])
            ])
        for answer in [Answer.done, Answer.element("R", [Answer.element("DescribeTargetHealthResult", [])]), noState] {
            let aws = ScriptedAWS(answers: ["DescribeTargetHealth": answer])
            #expect(await thrown { _ = try await router(aws).members() }?.code == .malformedAnswer)
        }
    }

    @Test func namesAndSlot() {
        let traffic = traffic(ScriptedAWS(answers: [:]))
        let route = TargetGroupRoute(arn: groupARN)
        #expect(traffic.router(for: route).name.rawValue == "targetGroup:web")
        #expect(traffic.observer(for: route).name.rawValue == "targetGroup:web")
        #expect(traffic.router(for: route).slot == "elbv2:\(groupARN)")
        #expect(traffic.observer(for: route).slot == traffic.router(for: route).slot)
        #expect(!(traffic.observer(for: route) is any TrafficRouter))
    }

    @Test func registersOnThePortThatTheOthersUse() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([
                .init(id: "i-1", port: 8080), .init(id: "i-0", port: 9, state: "draining"),
            ]),
            "RegisterTargets": Answer.done,
        ])
        try await apply(change(.register, "i-2"), to: router(aws))
        #expect(aws.actions == ["DescribeTargetHealth", "RegisterTargets"])
        #expect(
            aws.calls.last?.parameters == [
                "TargetGroupArn": groupARN, "Targets.member.1.Id": "i-2", "Targets.member.1.Port": "8080",
            ])
    }

    @Test func registersAnAddressInTheZoneOfTheOthers() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "192.168.1.1", port: 80, zone: "all")]),
            "RegisterTargets": Answer.done,
        ])
        try await apply(change(.register, "i-2"), to: router(aws, port: 81))
        #expect(
            aws.calls.last?.parameters == [
                "TargetGroupArn": groupARN, "Targets.member.1.Id": "10.0.0.9", "Targets.member.1.Port": "81",
                "Targets.member.1.AvailabilityZone": "all",
            ])
    }

    @Test func asksForTheTypeOnlyWhereNoMemberShowsIt() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([]), "DescribeTargetGroups": Answer.group(type: "ip"),
            "RegisterTargets": Answer.done,
        ])
        let router = router(aws)
        try await apply(change(.register, "i-2"), to: router)
        try await apply(change(.register, "i-3", address: "10.0.0.10"), to: router)
        #expect(aws.count("DescribeTargetGroups") == 1)
        #expect(
            aws.calls.last?.parameters == ["TargetGroupArn": groupARN, "Targets.member.1.Id": "10.0.0.10"])
        let error = await thrown { try await router.apply(change(.register, "i-4", address: nil)) }
        #expect(error?.code == .invalidRequest)
    }

    @Test(arguments: ["lambda", "alb"])
    func refusesGroupsOfOtherThings(_ type: String) async {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([]), "DescribeTargetGroups": Answer.group(type: type),
        ])
        let error = await thrown { try await router(aws).apply(change(.register, "i-2")) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.detail.contains(type) == true)
        let shown = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([
                .init(id: "arn:aws:\(type == "lambda" ? "lambda" : "elasticloadbalancing"):x", port: nil)
            ])
        ])
        let seen = await thrown { _ = try await router(shown).members() }
        #expect(seen?.code == .invalidRequest)
        #expect(seen?.detail.contains(type) == true)
    }

    @Test func refusesAddressTargetsWhereInstancesHavePublicAddresses() async {
        let aws = ScriptedAWS(answers: ["DescribeTargetHealth": Answer.health([.init(id: "10.0.0.1")])])
        let observer = traffic(aws, usesPublicAddress: true).observer(for: TargetGroupRoute(arn: groupARN))
        #expect(await thrown { _ = try await observer.members() }?.code == .invalidRequest)
    }

    @Test func asksForThePortWhereItIsNotClear() async {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-1", port: 80), .init(id: "i-1", port: 81)])
        ])
        let error = await thrown { try await router(aws).apply(change(.register, "i-2")) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.detail.contains("80, 81") == true)
    }

    @Test func drainsOnEveryPortAndRestoresTheSame() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([
                .init(id: "i-1", port: 80), .init(id: "i-1", port: 81), .init(id: "i-2", port: 82),
            ]),
            "DeregisterTargets": Answer.done, "RegisterTargets": Answer.done,
        ])
        let router = router(aws)
        try await apply(change(.drain, "i-1"), to: router)
        let drained = aws.calls.filter { $0.action == "DeregisterTargets" }
        #expect(drained.map { $0.parameters["Targets.member.1.Port"] } == ["80", "81"])
        #expect(drained.allSatisfy { $0.parameters["Targets.member.1.Id"] == "i-1" })
        try await apply(change(.restore, "i-1"), to: router)
        let restored = aws.calls.filter { $0.action == "RegisterTargets" }
        #expect(restored.map { $0.parameters["Targets.member.1.Port"] } == ["80", "81"])
    }

    @Test func removingAfterDrainingMakesNoCall() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-1"), .init(id: "i-2")]),
            "DeregisterTargets": Answer.done,
        ])
        let router = router(aws)
        try await apply(change(.drain, "i-1"), to: router)
        let before = aws.actions
        try await router.apply(change(.remove, "i-1"))
        #expect(aws.actions == before)
        #expect(before == ["DescribeTargetHealth", "DeregisterTargets"])
    }

    @Test func aLookThatShowsTheTargetAgainOutweighsTheMemory() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-1"), .init(id: "i-2")]),
            "DeregisterTargets": Answer.done,
        ])
        let router = router(aws)
        try await apply(change(.drain, "i-1"), to: router)
        _ = try await router.members()
        try await apply(change(.remove, "i-1"), to: router)
        #expect(aws.count("DeregisterTargets") == 2)
    }

    @Test func theMemoryEndsAfterAMinute() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-1"), .init(id: "i-2")]),
            "DeregisterTargets": Answer.done,
        ])
        let router = router(aws)
        try await apply(change(.drain, "i-1"), to: router)
        clock.advance(by: .milliseconds(60_001))
        try await apply(change(.remove, "i-1"), to: router)
        #expect(aws.count("DeregisterTargets") == 2)
    }

    @Test(arguments: [[Answer.Health(id: "i-1", state: "draining"), .init(id: "i-2")], [.init(id: "i-2")], []])
    func removingWhatIsDrainingOrAbsentMakesNoChange(_ health: [Answer.Health]) async throws {
        let aws = ScriptedAWS(answers: ["DescribeTargetHealth": Answer.health(health)])
        try await router(aws).apply(change(.remove, "i-1"))
        #expect(aws.actions == ["DescribeTargetHealth"])
    }

    @Test func drainingWhatDoesNotShowYetIsSentAllTheSame() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-1", port: 8080)]), "DeregisterTargets": Answer.done,
        ])
        try await apply(change(.drain, "i-2"), to: router(aws))
        #expect(aws.calls.last?.parameters["Targets.member.1.Id"] == "i-2")
        #expect(aws.calls.last?.parameters["Targets.member.1.Port"] == "8080")
    }

    @Test func tellsTheDeregistrationDelayOnceAMinute() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetGroupAttributes": Answer.attributes([
                "stickiness.enabled": "false", "deregistration_delay.timeout_seconds": "300",
            ])
        ])
        let traffic = traffic(aws)
        let route = TargetGroupRoute(arn: groupARN)
        #expect(try await traffic.router(for: route).drainTime() == .seconds(300))
        #expect(try await traffic.observer(for: route).drainTime() == .seconds(300))
        #expect(aws.actions.count == 1)
        clock.advance(by: .milliseconds(60_001))
        #expect(try await traffic.router(for: route).drainTime() == .seconds(300))
        #expect(aws.actions.count == 2)
        let odd = ScriptedAWS(answers: [
            "DescribeTargetGroupAttributes": Answer.attributes(["deregistration_delay.timeout_seconds": "soon"])
        ])
        #expect(await thrown { _ = try await router(odd).drainTime() }?.code == .malformedAnswer)
    }

    private static let errors: [(AWSError.Kind, String?, TrafficError.Code)] = [
        (.unreachable, nil, .unavailable), (.serviceFailure, nil, .unavailable),
        (.throttled, "Throttling", .unavailable), (.noCredentials, nil, .unavailable),
        (.expiredCredentials, "ExpiredToken", .unavailable), (.invalidCredentials, nil, .unavailable),
        (.accessDenied, "AccessDenied", .refused), (.noRegion, nil, .invalidRequest),
        (.configuration, nil, .invalidRequest), (.malformedAnswer, nil, .malformedAnswer),
        (.dryRunAllowed, "DryRunOperation", .malformedAnswer), (.cancelled, nil, .cancelled),
        (.rejected, "TargetGroupNotFound", .notFound), (.rejected, "InvalidTarget", .refused),
        (.rejected, "TooManyTargets", .refused), (.rejected, "ValidationError", .invalidRequest),
        (.rejected, "InvalidAllocationID.NotFound", .notFound), (.rejected, "InvalidAddress.NotFound", .notFound),
        (.rejected, "Resource.AlreadyAssociated", .refused), (.rejected, "InvalidInstanceID.NotFound", .refused),
        (.rejected, "Gateway.NotAttached", .refused), (.rejected, "Unheard.Of", .refused),
    ]

    @Test(arguments: errors)
    func mapsErrors(_ kind: AWSError.Kind, _ code: String?, _ expected: TrafficError.Code) async {
        let aws = ScriptedAWS { call throws(AWSError) in
            throw AWSError(kind, action: call.action, serviceCode: code, detail: "said so", isRetryable: false)
        }
        let error = await thrown { _ = try await router(aws).members() }
        #expect(error?.code == expected)
        #expect(error?.router.rawValue == "targetGroup:web")
        #expect(error?.detail.contains("said so") == true)
        if kind == .accessDenied {
            #expect(error?.detail.contains("elasticloadbalancing:DescribeTargetHealth") == true)
        }
    }
}
