import AWSClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("Reads of many swaps are joined", .timeLimit(.minutes(5)))
struct EC2PollerTests {
    private let clock = ManualClock()

    private func fake(
        known: Set<String> = ["i-1", "i-2", "i-3"], state: LockedValue<Int> = LockedValue(16)
    ) -> FakeAWS {
        FakeAWS(query: { call throws(AWSError) in
            guard call.action == "DescribeInstances" else { return element("answer") }
            let code = state.withLock { $0 }
            let ids = call.parameters["Filter.1.Name"] == nil ? known.sorted() : wantedIDs(call)
            return instancesAnswer(ids.filter { known.contains($0) }.map { instanceItem($0, state: code) })
        })
    }

    @Test("Many who ask at once get one call, and an unknown id is absent")
    func joined() async throws {
        let fake = fake()
        let cloud = provider(fake, clock: clock)
        let found = try await withThrowingTaskGroup(of: InstanceID?.self) { group in
            for number in 0..<30 {
                group.addTask { try await cloud.instance(InstanceID("i-\(number % 4 + 1)"))?.id }
            }
            // Only the first sleeps, to gather the others; all have asked once nobody else is to come.
            try await clock.waitForSleepers(1)
            for _ in 0..<200 { await Task.yield() }
            clock.advance(by: .milliseconds(20))
            var found: [InstanceID?] = []
            for try await id in group { found.append(id) }
            return found
        }
        #expect(fake.actions == ["DescribeInstances"])
        #expect(wantedIDs(fake.calls[0]) == ["i-1", "i-2", "i-3", "i-4"])
        #expect(found.filter { $0 == nil }.count == 7)
        #expect(Set(found.compactMap { $0?.rawValue }) == ["i-1", "i-2", "i-3"])
    }

    @Test("An answer serves for one second and not longer")
    func freshness() async throws {
        let fake = fake()
        let cloud = provider(fake, clock: clock)
        _ = try await moving(clock) { try await cloud.instance(InstanceID("i-1")) }
        clock.advance(by: .milliseconds(1000))
        _ = try await cloud.instance(InstanceID("i-1"))
        #expect(fake.calls.count == 1)
        clock.advance(by: .milliseconds(1))
        _ = try await moving(clock) { try await cloud.instance(InstanceID("i-1")) }
        #expect(fake.calls.count == 2)
    }

    @Test("A list serves those who ask next, for what it knows and what it does not")
    func list() async throws {
        let fake = fake()
        let cloud = provider(fake, clock: clock)
        #expect(try await cloud.instances().count == 3)
        #expect(try await cloud.instance(InstanceID("i-2"))?.id == InstanceID("i-2"))
        #expect(try await cloud.instance(InstanceID("i-9")) == nil)
        #expect(fake.calls.count == 1)
    }

    @Test("Who was asked for lately takes part in the next round", arguments: [(4900, 2), (5100, 1)])
    func interest(_ age: Int64, _ count: Int) async throws {
        let fake = fake()
        let cloud = provider(fake, clock: clock)
        _ = try await moving(clock) { try await cloud.instance(InstanceID("i-1")) }
        clock.advance(by: .milliseconds(age))
        _ = try await moving(clock) { try await cloud.instance(InstanceID("i-2")) }
        #expect(wantedIDs(fake.calls[1]).count == count)
    }

    @Test("After a change nothing older is given", arguments: ["stop", "start", "terminate"])
    func change(_ verb: String) async throws {
        let state = LockedValue(16)
        let fake = fake(state: state)
        let cloud = provider(fake, clock: clock)
        let id = InstanceID("i-1")
        #expect(try await moving(clock) { try await cloud.instance(id) }?.state == .running)
        switch verb {
        case "stop": try await cloud.stop(id)
        case "start": try await cloud.start(id)
        default: try await cloud.terminate(id)
        }
        state.withLock { $0 = 64 }
        #expect(try await moving(clock) { try await cloud.instance(id) }?.state == .stopping)
        #expect(fake.actions.filter { $0 == "DescribeInstances" }.count == 2)
    }

    @Test("A read that began before a change does not hide it")
    func overtaken() async throws {
        let gate = Gate()
        let state = LockedValue(16)
        let isFirst = LockedValue(true)
        let fake = FakeAWS(query: { call throws(AWSError) in
            guard call.action == "DescribeInstances" else { return element("answer") }
            let code = state.withLock { $0 }
            let waits = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            if waits { await gate.pass() }
            return instancesAnswer([instanceItem("i-1", state: code)])
        })
        let cloud = provider(fake, clock: clock)
        let early = Task { [clock] in try await moving(clock) { try await cloud.instance(InstanceID("i-1")) } }
        await gate.waitForArrival()
        try await cloud.stop(InstanceID("i-1"))
        state.withLock { $0 = 80 }
        await gate.open()
        #expect(try await early.value?.state == .running)
        #expect(try await moving(clock) { try await cloud.instance(InstanceID("i-1")) }?.state == .stopped)
    }

    @Test("Who asks while a round is under way gets the next one")
    func nextRound() async throws {
        let gate = Gate()
        let count = LockedValue(0)
        let fake = FakeAWS(query: { call throws(AWSError) in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == 1 { await gate.pass() }
            return instancesAnswer([instanceItem("i-1", state: number == 1 ? 0 : 16)])
        })
        let cloud = provider(fake, clock: clock)
        let first = Task { [clock] in try await moving(clock) { try await cloud.instance(InstanceID("i-1")) } }
        await gate.waitForArrival()
        let others = (0..<5).map { _ in Task { try await cloud.instance(InstanceID("i-1")) } }
        for _ in 0..<200 { await Task.yield() }
        await gate.open()
        #expect(try await first.value?.state == .pending)
        for other in others {
            // Whoever came only after the first answer may be given that, which is fresh.
            #expect(try await other.value != nil)
        }
        #expect(fake.calls.count <= 2)
    }

    @Test("Cancelling the one who asked first leaves the others their answer")
    func cancelledLeader() async throws {
        let fake = fake()
        let cloud = provider(fake, clock: clock)
        let first = Task { try await cloud.instance(InstanceID("i-1")) }
        try await clock.waitForSleepers(1)
        let second = Task { try await cloud.instance(InstanceID("i-2")) }
        for _ in 0..<200 { await Task.yield() }
        first.cancel()
        await #expect(throws: ProviderError.self) { try await first.value }
        #expect(try await moving(clock) { try await second.value }?.id == InstanceID("i-2"))
    }

    @Test("An error reaches everyone who waits, once")
    func failure() async throws {
        let fake = FakeAWS(query: { call throws(AWSError) in
            throw FakeAWS.failure("InternalError", kind: .serviceFailure)
        })
        let cloud = provider(fake, clock: clock)
        await #expect(throws: ProviderError.self) {
            try await moving(clock) { try await cloud.instance(InstanceID("i-1")) }
        }
        // Nothing is left behind: the next one asks again.
        await #expect(throws: ProviderError.self) {
            try await moving(clock) { try await cloud.instance(InstanceID("i-1")) }
        }
        #expect(fake.calls.count == 2)
    }

    @Test("Tags that were changed are known at once, and removed ones are gone")
    func tags() async throws {
        let fake = fake()
        let cloud = provider(fake, clock: clock)
        let id = InstanceID("i-1")
        _ = try await moving(clock) { try await cloud.instance(id) }
        try await cloud.tag(id, with: ["changeover:swap": "s1", "Name": nil])
        let read = try await cloud.instance(id)
        #expect(read?.tags == ["changeover:swap": "s1"])
        #expect(read?.name == "i-1")
        #expect(fake.actions == ["DescribeInstances", "CreateTags", "DeleteTags"])
        #expect(fake.calls[2].parameters["Tag.1.Value"] == nil)
    }

    @Test("More ids than a filter takes are read in several requests")
    func batches() async throws {
        let fake = fake(known: [])
        let reader = EC2InstanceReader(client: fake, usesPublicAddress: false)
        let poller = EC2Poller(clock: clock) { ids throws(AWSError) in
            #expect(ids.count <= 200)
            return try await reader.read(ids)
        }
        try await moving(clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<450 {
                    group.addTask {
                        let found = try await poller.observation(of: InstanceID("i-\(number)"))
                        #expect(found == nil)
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(Set(fake.calls.flatMap(wantedIDs)).count == 450)
    }
}
