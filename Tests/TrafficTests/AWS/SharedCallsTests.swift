import AWSClient
import TestSupport
import Testing
import Workflow

@testable import Traffic

@Suite("What many swaps ask and change at once", .timeLimit(.minutes(5)))
struct SharedCallsTests {
    private let clock = ManualClock()
    private let route = TargetGroupRoute(arn: groupARN, port: 80)

    private func traffic(_ aws: ScriptedAWS) -> AWSTraffic { AWSTraffic(querying: aws, clock: clock) }

    private func register(_ number: Int) -> TrafficChange {
        TrafficChange(.register, instance: InstanceID("i-\(number)"), address: nil)
    }

    private func waitingReaders(_ traffic: AWSTraffic) async -> Int {
        await traffic.group(of: route).reading.targets.waitingCount
    }

    private func waitingChanges(_ traffic: AWSTraffic) async -> Int {
        await traffic.group(of: route).changes.registering.waitingCount
    }

    /// Waits, by yielding, until something holds.
    private func until(_ condition: () async -> Bool) async {
        while !(await condition()) { await Task.yield() }
    }

    @Test func oneReadAnswersEverybodyWithinASecond() async throws {
        let aws = ScriptedAWS(answers: ["DescribeTargetHealth": Answer.health([.init(id: "i-1")])])
        let traffic = self.traffic(aws)
        try await withThrowingTaskGroup(of: [TrafficMember].self) { group in
            for _ in 0..<50 { group.addTask { try await traffic.router(for: route).members() } }
            for try await members in group { #expect(members.count == 1) }
        }
        clock.advance(by: .milliseconds(1000))
        _ = try await traffic.observer(for: route).members()
        #expect(aws.actions.count == 1)
        clock.advance(by: .milliseconds(1))
        _ = try await traffic.observer(for: route).members()
        #expect(aws.actions.count == 2)
    }

    @Test func whoComesTooLateForAReadUnderWayWaitsForTheNext() async throws {
        let gate = Gate()
        let aws = ScriptedAWS { _ throws(AWSError) in
            await gate.pass()
            return Answer.health([.init(id: "i-1")])
        }
        let traffic = self.traffic(aws)
        let router = traffic.router(for: route)
        let first = Task { try await router.members() }
        await gate.waitForArrival()
        let joins = Task { try await router.members() }
        await until { await waitingReaders(traffic) == 1 }
        clock.advance(by: .milliseconds(1001))
        aws.answer { _ throws(AWSError) in Answer.health([.init(id: "i-1"), .init(id: "i-2")]) }
        let late = (0..<5).map { _ in Task { try await router.members() } }
        await until { await waitingReaders(traffic) == 6 }
        #expect(aws.actions.count == 1)
        await gate.open()
        #expect(try await first.value.count == 1)
        _ = try await joins.value
        for task in late { #expect(try await task.value.count == 2) }
        #expect(aws.actions.count == 2)
    }

    @Test func aChangeMakesWhatWasReadTooOld() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-1")]), "RegisterTargets": Answer.done,
        ])
        let router = traffic(aws).router(for: route)
        _ = try await router.members()
        let change = Task { try await router.apply(register(2)) }
        try await clock.waitForSleepers(1)
        clock.advance(by: .milliseconds(20))
        try await change.value
        _ = try await router.members()
        _ = try await router.members()
        #expect(aws.actions == ["DescribeTargetHealth", "RegisterTargets", "DescribeTargetHealth"])
    }

    @Test func aFailedReadFailsThoseWhoWaitedAndNobodyElse() async throws {
        let gate = Gate()
        let aws = ScriptedAWS { call throws(AWSError) in
            await gate.pass()
            throw .unreachable(call.action)
        }
        let traffic = self.traffic(aws)
        let router = traffic.router(for: route)
        let tasks = (0..<10).map { _ in Task { try await router.members() } }
        await gate.waitForArrival()
        await until { await waitingReaders(traffic) == 9 }
        await gate.open()
        for task in tasks { #expect(await thrown { _ = try await task.value }?.code == .unavailable) }
        #expect(aws.actions.count == 1)
        aws.answer { _ throws(AWSError) in Answer.health([.init(id: "i-1")]) }
        #expect(try await router.members().count == 1)
        #expect(aws.actions.count == 2)
    }

    @Test func whoeverIsCancelledHarmsNobodyElse() async throws {
        let gate = Gate()
        let aws = ScriptedAWS { call throws(AWSError) in
            await gate.pass()
            guard !Task.isCancelled else {
                throw AWSError(.cancelled, action: call.action, detail: "cancelled", isRetryable: false)
            }
            return Answer.health([.init(id: "i-1")])
        }
        let traffic = self.traffic(aws)
        let router = traffic.router(for: route)
        let first = Task { try await router.members() }
        await gate.waitForArrival()
        let waiting = Task { try await router.members() }
        let impatient = Task { try await router.members() }
        await until { await waitingReaders(traffic) == 2 }
        impatient.cancel()
        // It ends although the read is still under way.
        #expect(await thrown { _ = try await impatient.value }?.code == .cancelled)
        first.cancel()
        await gate.open()
        #expect(await thrown { _ = try await first.value }?.code == .cancelled)
        #expect(try await waiting.value.count == 1)
    }

    @Test func changesOfAMomentGoInOneCallOfTheFirst() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-0")]), "RegisterTargets": Answer.done,
        ])
        let traffic = self.traffic(aws)
        _ = try await traffic.router(for: route).members()
        let first = ScriptedAWS.$asker.withValue("first") {
            Task { try await traffic.router(for: route).apply(register(1)) }
        }
        try await clock.waitForSleepers(1)
        let others = (2...5).map { number in
            ScriptedAWS.$asker.withValue("other") {
                Task { try await traffic.router(for: route).apply(register(number)) }
            }
        }
        await until { await waitingChanges(traffic) == 4 }
        clock.advance(by: .milliseconds(20))
        try await first.value
        for task in others { try await task.value }
        let calls = aws.calls.filter { $0.action == "RegisterTargets" }
        #expect(calls.count == 1)
        #expect(aws.askers.last == "first")
        let ids = (1...5).compactMap { calls.first?.parameters["Targets.member.\($0).Id"] }
        #expect(Set(ids) == ["i-1", "i-2", "i-3", "i-4", "i-5"])
        #expect(calls.first?.parameters.count == 11)
    }

    @Test func oneBadTargetHarmsNobodyElse() async throws {
        let aws = ScriptedAWS { call throws(AWSError) in
            guard call.action == "RegisterTargets" else { return Answer.health([.init(id: "i-0")]) }
            guard !call.parameters.values.contains("i-3") else { throw .refusing(call.action, "InvalidTarget") }
            return Answer.done
        }
        let outcomes = try await registerAtOnce(1...4, aws: aws)
        #expect(outcomes == [1: nil, 2: nil, 3: .refused, 4: nil])
        let sizes = aws.calls.filter { $0.action == "RegisterTargets" }.map { ($0.parameters.count - 1) / 2 }
        #expect(sizes == [4, 1, 1, 1, 1])
    }

    @Test func anOutageFailsTheWholeBatchWithOneCall() async throws {
        let aws = ScriptedAWS { call throws(AWSError) in
            guard call.action == "RegisterTargets" else { return Answer.health([.init(id: "i-0")]) }
            throw .unreachable(call.action)
        }
        let outcomes = try await registerAtOnce(1...4, aws: aws)
        #expect(outcomes == [1: .unavailable, 2: .unavailable, 3: .unavailable, 4: .unavailable])
        #expect(aws.count("RegisterTargets") == 1)
    }

    @Test func aHundredGoInOneCallAndTheRestInTheNext() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-0")]), "RegisterTargets": Answer.done,
        ])
        let outcomes = try await registerAtOnce(1...150, aws: aws)
        #expect(outcomes.values.allSatisfy { $0 == nil })
        let sizes = aws.calls.filter { $0.action == "RegisterTargets" }.map { ($0.parameters.count - 1) / 2 }
        #expect(sizes.sorted() == [50, 100])
    }

    /// Registers many within one moment and gives each one's error.
    private func registerAtOnce(
        _ numbers: ClosedRange<Int>, aws: ScriptedAWS
    ) async throws -> [Int: TrafficError.Code?] {
        let traffic = self.traffic(aws)
        _ = try await traffic.router(for: route).members()
        let tasks = numbers.map { number in
            Task { await thrown { try await traffic.router(for: route).apply(register(number)) }?.code }
        }
        try await clock.waitForSleepers(1)
        await until { await waitingChanges(traffic) == numbers.count - 1 }
        clock.advance(by: .milliseconds(20))
        var outcomes: [Int: TrafficError.Code?] = [:]
        for (number, task) in zip(numbers, tasks) { outcomes.updateValue(await task.value, forKey: number) }
        return outcomes
    }

    @Test func aBatchGoesOutThoughItsFirstIsCancelled() async throws {
        let aws = ScriptedAWS(answers: [
            "DescribeTargetHealth": Answer.health([.init(id: "i-0")]), "RegisterTargets": Answer.done,
        ])
        let traffic = self.traffic(aws)
        _ = try await traffic.router(for: route).members()
        let first = Task { try await traffic.router(for: route).apply(register(1)) }
        try await clock.waitForSleepers(1)
        let others = (2...3).map { number in
            Task { try await traffic.router(for: route).apply(register(number)) }
        }
        await until { await waitingChanges(traffic) == 2 }
        first.cancel()
        #expect(await thrown { try await first.value }?.code == .cancelled)
        for task in others { try await task.value }
        let targets = aws.calls.flatMap { $0.parameters.filter { $0.key.hasSuffix(".Id") }.values }
        #expect(Set(targets) == ["i-2", "i-3"])
    }

    @Test func aCallThatIsCancelledWithItsFirstIsMadeAgainForTheOthers() async throws {
        let gate = Gate()
        let aws = ScriptedAWS { call throws(AWSError) in
            guard call.action == "RegisterTargets" else { return Answer.health([.init(id: "i-0")]) }
            await gate.pass()
            guard !Task.isCancelled else {
                throw AWSError(.cancelled, action: call.action, detail: "cancelled", isRetryable: false)
            }
            return Answer.done
        }
        let traffic = self.traffic(aws)
        _ = try await traffic.router(for: route).members()
        let first = Task { try await traffic.router(for: route).apply(register(1)) }
        try await clock.waitForSleepers(1)
        let second = Task { try await traffic.router(for: route).apply(register(2)) }
        await until { await waitingChanges(traffic) == 1 }
        clock.advance(by: .milliseconds(20))
        await gate.waitForArrival()
        first.cancel()
        await gate.open()
        #expect(await thrown { try await first.value }?.code == .cancelled)
        try await clock.waitForSleepers(1)
        // So soon after a batch, others are waited for longer.
        clock.advance(by: .milliseconds(149))
        #expect(aws.calls.count { $0.action == "RegisterTargets" } == 1)
        clock.advance(by: .milliseconds(1))
        try await second.value
        #expect(aws.calls.last?.parameters["Targets.member.1.Id"] == "i-2")
    }
}
