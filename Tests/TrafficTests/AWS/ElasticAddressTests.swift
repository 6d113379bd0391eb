import AWSClient
import Foundation
import TestSupport
import Testing
import Workflow

@testable import Traffic

@Suite(.timeLimit(.minutes(5)))
struct ElasticAddressTests {
    private let clock = ManualClock()
    private let route = ElasticAddressRoute(address: "198.51.100.7")

    private func router(_ aws: ScriptedAWS, usesPublicAddress: Bool = false) -> any TrafficRouter {
        AWSTraffic(querying: aws, clock: clock, usesPublicAddress: usesPublicAddress).router(for: route)
    }

    private func change(_ action: TrafficChange.Action, _ id: String) -> TrafficChange {
        TrafficChange(action, instance: InstanceID(id), address: nil)
    }

    /// An AWS with one address, whose reads show an association only after `lag` more looks.
    private func account(holder: String?, lag: Int = 0) -> ScriptedAWS {
        let state = Holder(holder)
        return ScriptedAWS { call throws(AWSError) in
            switch call.action {
            case "AssociateAddress": state.give(to: call.parameters["InstanceId"], after: lag)
            case "DisassociateAddress": state.give(to: nil, after: 0)
            default: return Answer.address(state.look())
            }
            return Answer.done
        }
    }

    @Test func theHolderIsTheOnlyMember() async throws {
        let members = try await router(account(holder: "i-1")).members()
        #expect(
            members == [
                TrafficMember(
                    name: "eipalloc-1", instance: InstanceID("i-1"), address: "10.0.0.5", status: .inService,
                    openSessions: 0)
            ])
        #expect(try await router(account(holder: nil)).members().isEmpty)
        let shown = try await router(account(holder: "i-1"), usesPublicAddress: true).members()
        #expect(shown.map(\.address) == ["198.51.100.7"])
    }

    @Test func asksByAddressOrAllocation() async throws {
        let aws = account(holder: nil)
        let traffic = AWSTraffic(querying: aws, clock: clock)
        _ = try await traffic.router(for: route).members()
        _ = try await traffic.observer(for: ElasticAddressRoute(address: "eipalloc-1")).members()
        #expect(aws.calls.map(\.parameters) == [["PublicIp.1": "198.51.100.7"], ["AllocationId.1": "eipalloc-1"]])
        #expect(traffic.router(for: route).slot == "elastic-address:198.51.100.7")
        #expect(traffic.observer(for: route).name.rawValue == "elasticAddress:198.51.100.7")
        #expect(!(traffic.observer(for: route) is any TrafficRouter))
    }

    @Test(arguments: [(nil, "false"), ("i-1", "true")] as [(String?, String)])
    func takesOverOnlyWhereSomebodyHoldsIt(_ holder: String?, _ reassociation: String) async throws {
        let aws = account(holder: holder)
        let router = router(aws)
        try await router.apply(change(.register, "i-2"))
        #expect(aws.actions == ["DescribeAddresses", "AssociateAddress", "DescribeAddresses"])
        #expect(
            aws.calls[1].parameters == [
                "AllocationId": "eipalloc-1", "InstanceId": "i-2", "AllowReassociation": reassociation,
            ])
        #expect(try await router.members().map(\.instance?.rawValue) == ["i-2"])
    }

    @Test(arguments: [TrafficChange.Action.register, .restore])
    func whatIsThereIsNotMoved(_ action: TrafficChange.Action) async throws {
        let aws = account(holder: "i-2")
        try await router(aws).apply(change(action, "i-2"))
        #expect(aws.actions == ["DescribeAddresses"])
    }

    @Test func looksAgainWhileReadsLagBehind() async throws {
        let aws = account(holder: "i-1", lag: 3)
        let router = router(aws)
        let task = Task { try await router.apply(change(.register, "i-2")) }
        for _ in 0..<3 {
            try await clock.waitForSleepers(1)
            clock.advanceToNextSleeper()
        }
        try await task.value
        #expect(aws.count("AssociateAddress") == 1)
        #expect(aws.count("DescribeAddresses") == 5)
    }

    @Test func givesUpForNowWhenNoReadShowsTheMove() async throws {
        let aws = account(holder: "i-1", lag: 1000)
        let router = router(aws)
        let task = Task { try await router.apply(change(.register, "i-2")) }
        let pump = Task {
            while true {
                try await clock.waitForSleepers(1)
                clock.advanceToNextSleeper()
            }
        }
        let error = await thrown { try await task.value }
        pump.cancel()
        #expect(error?.code == .unavailable)
        #expect(error?.isRetryable == true)
        #expect(error?.detail.contains("i-1") == true)
        #expect((5_000...6_000).contains(clock.monotonicMilliseconds()))
    }

    @Test func theWholePromotionAndItsInverseNeverLeaveItWithoutAnOwner() async throws {
        let aws = account(holder: "i-1")
        let router = router(aws)
        let forth: [(TrafficChange.Action, String)] = [(.register, "i-2"), (.drain, "i-1"), (.remove, "i-1")]
        let back: [(TrafficChange.Action, String)] = [(.restore, "i-1"), (.drain, "i-2"), (.remove, "i-2")]
        for (action, id) in forth {
            try await router.apply(change(action, id))
            #expect(try await router.members().map(\.instance?.rawValue) == ["i-2"])
        }
        for (action, id) in back {
            try await router.apply(change(action, id))
            #expect(try await router.members().map(\.instance?.rawValue) == ["i-1"])
        }
        #expect(aws.count("DisassociateAddress") == 0)
        #expect(aws.count("AssociateAddress") == 2)
    }

    @Test func drainingAsksNothing() async throws {
        let aws = account(holder: "i-1")
        try await router(aws).apply(change(.drain, "i-1"))
        #expect(aws.actions.isEmpty)
    }

    @Test func removesByTheAssociationItSaw() async throws {
        let aws = account(holder: "i-1")
        let router = router(aws)
        try await router.apply(change(.remove, "i-1"))
        #expect(aws.calls.last?.parameters == ["AssociationId": "eipassoc-i-1"])
        #expect(try await router.members().isEmpty)
        try await router.apply(change(.remove, "i-1"))
        #expect(aws.count("DisassociateAddress") == 1)
    }

    @Test func anAssociationThatHasEndedIsRemoved() async throws {
        let aws = ScriptedAWS { call throws(AWSError) in
            guard call.action == "DescribeAddresses" else {
                throw .refusing(call.action, "InvalidAssociationID.NotFound")
            }
            return Answer.address("i-1")
        }
        try await router(aws).apply(change(.remove, "i-1"))
        #expect(aws.count("DisassociateAddress") == 1)
    }

    @Test func whoeverTookTheFreeAddressKeepsIt() async {
        let aws = ScriptedAWS { call throws(AWSError) in
            guard call.action == "DescribeAddresses" else { throw .refusing(call.action, "Resource.AlreadyAssociated") }
            return Answer.address()
        }
        let error = await thrown { try await router(aws).apply(change(.register, "i-2")) }
        #expect(error?.code == .refused)
        #expect(aws.calls.last?.parameters["AllowReassociation"] == "false")
    }

    @Test func refusesAnAddressOfSomethingElse() async {
        let aws = ScriptedAWS(answers: ["DescribeAddresses": Answer.address(interface: "eni-nat")])
        for error in [
            await thrown { _ = try await router(aws).members() },
            await thrown { try await router(aws).apply(change(.register, "i-2")) },
        ] {
            #expect(error?.code == .invalidRequest)
            #expect(error?.detail.contains("eni-nat") == true)
        }
        #expect(aws.count("AssociateAddress") == 0)
    }

    @Test func refusesClassicAndOddAnswers() async {
        let classic = ScriptedAWS(answers: ["DescribeAddresses": Answer.address("i-1", allocation: nil)])
        #expect(await thrown { _ = try await router(classic).members() }?.code == .invalidRequest)
        let empty = Answer.element("R", [Answer.element("addressesSet", [])])
        for answer in [Answer.done, empty] {
            let aws = ScriptedAWS(answers: ["DescribeAddresses": answer])
            #expect(await thrown { _ = try await router(aws).members() }?.code == .malformedAnswer)
        }
    }
}

/// Who holds an address, as reads show it that lag behind.
private final class Holder: @unchecked Sendable {
    private let lock = NSLock()
    private var shown: String?
    private var next: (holder: String?, looks: Int)?

    init(_ holder: String?) { shown = holder }

    func give(to holder: String?, after looks: Int) { lock.withLock { next = (holder, looks) } }

    func look() -> String? {
        lock.withLock {
            if let pending = next {
                if pending.looks == 0 {
                    shown = pending.holder
                    next = nil
                } else {
                    next?.looks -= 1
                }
            }
            return shown
        }
    }
}
