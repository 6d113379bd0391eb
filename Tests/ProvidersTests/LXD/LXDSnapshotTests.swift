import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

/// What goes on when nothing is in the way is in `LXDChangesTests`.
@Suite("Snapshots of LXD that outlast the calls that began them")
struct LXDSnapshotTests {
    private let id = InstanceID("web-1")

    private func unavailable(_ work: @escaping @Sendable () async throws -> Void) async {
        let error = await #expect(throws: ProviderError.self) { try await work() }
        #expect(error?.code == .unavailable && error?.isRetryable == true)
    }

    @Test("A snapshot's name says nothing while its data is still being copied")
    func copying() async throws {
        let fake = FakeLXD { world in
            world.isSlow = true
            world.answers["operations/operation-1"] = .texts(["description": "Snapshotting instance"])
        }
        let cloud = provider(fake)
        await unavailable { try await cloud.snapshot(id, named: "before") }
        // The server has the record before the data.
        fake.world.withLock { $0.machines["web-1"]?.snapshots = ["before-unfinished"] }
        await unavailable { try await cloud.snapshot(id, named: "before") }
        await unavailable { try await cloud.restore(id, to: "before") }
        await unavailable { try await cloud.deleteSnapshot(id, named: "before") }
        fake.world.withLock {
            $0.machines["web-1"]?.snapshots = []
            $0.isSlow = false
        }
        try await cloud.snapshot(id, named: "before")
        #expect(fake.machine("web-1")?.snapshots == ["before"])
        #expect(fake.log == ["POST instances/web-1/snapshots", "POST instances/web-1/snapshots/before-unfinished"])
    }

    @Test("What a server that was killed left half is taken away and made anew")
    func half() async throws {
        let fake = FakeLXD { $0.machines["web-1"]?.snapshots = ["before-unfinished"] }
        try await provider(fake).snapshot(id, named: "before")
        #expect(fake.machine("web-1")?.snapshots == ["before"])
        #expect(
            fake.log == [
                "DELETE instances/web-1/snapshots/before-unfinished", "POST instances/web-1/snapshots",
                "POST instances/web-1/snapshots/before-unfinished",
            ])
    }

    @Test("A copy that failed is made anew")
    func failed() async throws {
        let fake = FakeLXD { world in
            world.operations["operation-9"] = FakeLXD.Operation(name: "web-1") { world in
                world.machines["web-1"]?.snapshots = []
                return "rsync failed"
            }
            world.machines["web-1"]?.snapshots = ["before-unfinished"]
        }
        try await provider(fake).snapshot(id, named: "before")
        #expect(fake.machine("web-1")?.snapshots == ["before"] && fake.log.count == 2)
    }

    @Test("What others run on other instances, and commands on this one, keep nobody waiting")
    func others() async throws {
        let fake = FakeLXD { world in
            world.isSlow = true
            world.operations["operation-9"] = FakeLXD.Operation(name: "web-10") { _ in nil }
            world.machines["web-1"]?.snapshots = ["before"]
        }
        try await provider(fake).snapshot(id, named: "before")
        let command = LXDValue.object([
            "id": .text("x"), "status_code": .integer(103), "err": .text(""), "class": .text("websocket"),
            "resources": .object(["instances": .list([.text("/1.0/instances/web-1")])]),
        ])
        fake.world.withLock { $0.answers["operations"] = .object(["running": .list([command])]) }
        try await provider(fake).snapshot(id, named: "before")
        #expect(fake.log.isEmpty)
    }

    @Test("A restoration that goes on is waited for, and is not begun again")
    func restoring() async throws {
        let fake = FakeLXD { world in
            world.isSlow = true
            world.machines["web-1"]?.snapshots = ["before"]
            world.answers["operations/operation-1"] = .texts(["description": "Restoring snapshot"])
        }
        let cloud = provider(fake)
        for _ in 0..<2 { await unavailable { try await cloud.restore(id, to: "before") } }
        fake.world.withLock { $0.isSlow = false }
        try await cloud.restore(id, to: "before")
        #expect(fake.machine("web-1")?.summary == "restored to before" && fake.log == ["PUT instances/web-1"])
        try await cloud.restore(id, to: "before")
        #expect(fake.log.count == 2)
    }

    @Test("After any other work an instance is restored all the same")
    func afterOthers() async throws {
        let fake = FakeLXD { world in
            world.operations["operation-9"] = FakeLXD.Operation(name: "web-1") { _ in nil }
            world.machines["web-1"]?.snapshots = ["before"]
        }
        try await provider(fake).restore(id, to: "before")
        #expect(fake.log == ["PUT instances/web-1"])
    }
}
