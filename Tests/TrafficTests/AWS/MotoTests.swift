import Testing
import Workflow

@testable import Traffic

@Suite(
    "Against moto, with boto3 as witness", .timeLimit(.minutes(5)),
    .enabled(if: MotoFixture.isInstalled, "needs python3 with boto3 and moto[server]"))
struct MotoTests {
    /// One server for all, since it takes seconds to start; no two of them touch the same thing.
    @Test func everythingOverTheRealProtocol() async throws {
        let moto = try await MotoFixture()
        do {
            try await swapsATargetAndBack(moto)
            try await swapsManyTargetsOfAddressesAtOnce(moto)
            try await movesAnElasticAddressAndBack(moto)
            try await namesWhatDoesNotExist(moto)
        } catch {
            await moto.stop()
            throw error
        }
        await moto.stop()
    }

    private func change(_ action: TrafficChange.Action, _ number: Int, _ moto: MotoFixture) -> TrafficChange {
        TrafficChange(
            action, instance: InstanceID(moto.account.instances[number]), address: moto.account.addresses[number])
    }

    private func swapsATargetAndBack(_ moto: MotoFixture) async throws {
        let ids = moto.account.instances
        let router = moto.traffic.router(for: TargetGroupRoute(arn: moto.account.group))
        #expect(try await router.members().map(\.instance?.rawValue) == [ids[0]])
        #expect(try await router.members().map(\.status) == [.inService])
        #expect(try await router.drainTime() == .seconds(300))
        try await router.apply(change(.register, 1, moto))
        #expect(try await moto.state().targets == ["\(ids[0]):8080", "\(ids[1]):8080"].sorted())
        try await router.apply(change(.drain, 0, moto))
        try await router.apply(change(.remove, 0, moto))
        #expect(try await moto.state().targets == ["\(ids[1]):8080"])
        #expect(try await router.members().map(\.instance?.rawValue) == [ids[1]])
        try await router.apply(change(.restore, 0, moto))
        try await router.apply(change(.drain, 1, moto))
        try await router.apply(change(.drain, 1, moto))
        #expect(try await moto.state().targets == ["\(ids[0]):8080"])
    }

    private func swapsManyTargetsOfAddressesAtOnce(_ moto: MotoFixture) async throws {
        let route = TargetGroupRoute(arn: moto.account.addressGroup, port: 9000)
        let expected = moto.account.addresses.map { "\($0):9000" }.sorted()
        for (action, result) in [(TrafficChange.Action.register, expected), (.drain, [])] {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<3 {
                    group.addTask {
                        try await moto.traffic.router(for: route).apply(change(action, number, moto))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await moto.state().addressTargets == result)
            let members = try await moto.traffic.observer(for: route).members()
            #expect(members.map { "\($0.address):9000" }.sorted() == result)
        }
    }

    private func movesAnElasticAddressAndBack(_ moto: MotoFixture) async throws {
        let ids = moto.account.instances
        let router = moto.traffic.router(for: ElasticAddressRoute(address: moto.account.publicAddress))
        #expect(try await router.members().isEmpty)
        try await router.apply(change(.register, 0, moto))
        #expect(try await moto.state().holder == ids[0])
        let members = try await router.members()
        #expect(members.map(\.name) == [moto.account.allocation])
        #expect(members.map(\.address) == [moto.account.addresses[0]])
        try await router.apply(change(.register, 1, moto))
        try await router.apply(change(.drain, 0, moto))
        try await router.apply(change(.remove, 0, moto))
        #expect(try await moto.state().holder == ids[1])
        try await router.apply(change(.restore, 0, moto))
        try await router.apply(change(.drain, 1, moto))
        try await router.apply(change(.remove, 1, moto))
        #expect(try await moto.state().holder == ids[0])
        try await router.apply(change(.remove, 0, moto))
        #expect(try await moto.state().holder == nil)
    }

    private func namesWhatDoesNotExist(_ moto: MotoFixture) async throws {
        let arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/gone/0123456789abcdef"
        let group = moto.traffic.observer(for: TargetGroupRoute(arn: arn))
        #expect(await thrown { _ = try await group.members() }?.code == .notFound)
        for address in ["198.51.100.250", "eipalloc-00000000000000000"] {
            let observer = moto.traffic.observer(for: ElasticAddressRoute(address: address))
            #expect(await thrown { _ = try await observer.members() }?.code == .notFound)
        }
    }
}
