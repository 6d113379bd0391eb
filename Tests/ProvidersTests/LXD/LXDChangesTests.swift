import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("What the LXD provider changes")
struct LXDChangesTests {
    private let id = InstanceID("web-1")

    @Test("Stops, starts and terminates, each as often as one likes")
    func lifecycle() async throws {
        let fake = FakeLXD()
        let cloud = provider(fake)
        for _ in 0..<2 { try await cloud.stop(id) }
        #expect(fake.log == ["PUT instances/web-1/state stop"])
        for _ in 0..<2 { try await cloud.start(id) }
        #expect(fake.log.last == "PUT instances/web-1/state start" && fake.log.count == 2)
        for _ in 0..<2 { try await cloud.terminate(id) }
        #expect(Array(fake.log.dropFirst(2)) == ["PUT instances/web-1/state stop", "DELETE instances/web-1"])
        #expect(fake.machine("web-1") == nil)
        for work in [cloud.stop, cloud.start] {
            let error = await #expect(throws: ProviderError.self) { try await work(id) }
            #expect(error?.code == .instanceNotFound)
        }
    }

    @Test("One that does not stop by itself is stopped by force")
    func force() async throws {
        var machine = FakeMachine.original()
        machine.isObedient = false
        let fake = FakeLXD([machine])
        try await provider(fake).stop(id)
        #expect(fake.log.count == 2 && fake.machine("web-1")?.status == "Stopped")
    }

    @Test("Without permission nothing is forced")
    func forbidden() async throws {
        let fake = FakeLXD {
            $0.failures["PUT instances/web-1/state"] = LXDError(.forbidden, request: "PUT", detail: "not allowed")
        }
        let error = await #expect(throws: ProviderError.self) { try await provider(fake).stop(id) }
        #expect(error?.code == .forbidden && fake.log.isEmpty)
    }

    @Test("A protected instance is left running, and its protection on")
    func protected() async throws {
        var machine = FakeMachine.original()
        machine.config["security.protection.delete"] = "true"
        let fake = FakeLXD([machine])
        let error = await #expect(throws: ProviderError.self) { try await provider(fake).terminate(id) }
        #expect(error?.code == .terminationProtected && fake.log.isEmpty)
    }

    @Test("An answer that is lost is seen to have worked", arguments: ["start", "terminate"])
    func lost(_ verb: String) async throws {
        var machine = FakeMachine.original()
        machine.status = "Stopped"
        let fake = FakeLXD([machine]) { world in
            world.breakAt = 3
            world.fault = .after
        }
        let cloud = provider(fake)
        if verb == "start" {
            try await cloud.start(id)
            #expect(fake.machine("web-1")?.status == "Running")
        } else {
            try await cloud.terminate(id)
            #expect(fake.machine("web-1") == nil)
        }
    }

    @Test("Tags are set and removed, others and the rest of the configuration stay")
    func tags() async throws {
        let fake = FakeLXD()
        let cloud = provider(fake)
        try await cloud.tag(id, with: [OwnershipTag.swap: "s1", "role": nil, "absent": nil])
        var expected = FakeMachine.original().config
        expected["user.role"] = nil
        expected["user.changeover:swap"] = "s1"
        #expect(fake.machine("web-1")?.config == expected)
        try await cloud.tag(id, with: [OwnershipTag.swap: "s1", "role": nil])
        #expect(fake.log.count == 1)
        await #expect(throws: ProviderError.self) { try await cloud.tag(id, with: ["user-data": "x"]) }
        await #expect(throws: ProviderError.self) { try await cloud.tag(InstanceID("web-7"), with: ["a": "x"]) }
    }

    @Test("Snapshots are taken, restored and deleted, each once")
    func snapshots() async throws {
        let fake = FakeLXD()
        let cloud = provider(fake)
        for _ in 0..<2 { try await cloud.snapshot(id, named: "before") }
        #expect(fake.machine("web-1")?.snapshots == ["before"])
        try await cloud.restore(id, to: "before")
        #expect(fake.machine("web-1")?.summary == "restored to before")
        for _ in 0..<2 { try await cloud.deleteSnapshot(id, named: "before") }
        #expect(fake.log.count == 4)
        let error = await #expect(throws: ProviderError.self) { try await cloud.restore(id, to: "before") }
        #expect(error?.code == .invalidRequest)
    }
}
