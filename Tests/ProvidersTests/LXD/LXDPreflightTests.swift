import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("What stands in the way of a launch on LXD")
struct LXDPreflightTests {
    private func findings(
        _ launch: LaunchRequest = lxdLaunch(), _ change: (inout FakeLXD.World) -> Void = { _ in }
    ) async throws -> [PreflightFinding] {
        let fake = FakeLXD([.original()], change)
        let found = try await provider(fake).launchFindings(for: launch.specification)
        #expect(fake.log.isEmpty)
        return found
    }

    @Test("Nothing, where all is there")
    func nothing() async throws {
        #expect(try await findings().isEmpty)
    }

    @Test(
        "One finding for each thing that is missing",
        arguments: [
            (["profiles": "[\"default\",\"web\"]"], "profile", "web"),
            (["device.eth1": "{\"network\":\"lan\",\"type\":\"nic\"}"], "network", "lan"),
            (["device.x": "{\"path\":\"/x\",\"pool\":\"fast\",\"source\":\"x\",\"type\":\"disk\"}"], "pool", "fast"),
            (["device.root": "{\"type\":\"none\"}"], "root-disk", "blockDevices"),
            (["type": "virtual-machine"], "virtual-machine", "qemu"),
            (["target": "two"], "cluster-member", "no cluster"),
        ])
    func missing(_ properties: [String: String], _ code: String, _ word: String) async throws {
        let found = try await findings(lxdLaunch(properties: properties))
        #expect(found.map(\.code) == [code] && found[0].severity == .obstacle, "\(found)")
        #expect(found.first?.message.contains(word) == true)
    }

    @Test("Image, extensions, room and limits")
    func server() async throws {
        let image = try await findings { $0.answers["images/\(FakeLXD.image)"] = nil }
        #expect(image.map(\.code) == ["image"])
        let old = try await findings { $0.extensions = ["projects"] }
        #expect(old.map(\.code) == ["extensions"] && old[0].message.contains("container_full"))
        let full = try await findings { world in
            world.answers["storage-pools/default/resources"] = .object([
                "space": .object(["used": .integer(99 << 30), "total": .integer((99 << 30) + (5 << 20))])
            ])
        }
        #expect(full.map(\.code) == ["capacity"] && full[0].severity == .warning && full[0].message.contains("5 MiB"))
        let limited = try await findings { world in
            world.answers["projects/default/state"] = .object([
                "resources": .object([
                    "containers": .object(["Limit": .integer(2), "Usage": .integer(2)]),
                    "instances": .object(["Limit": .integer(-1), "Usage": .integer(2)]),
                    "virtual-machines": .object(["Limit": .integer(0), "Usage": .integer(0)]),
                ])
            ])
        }
        #expect(limited.map(\.code) == ["quota"] && limited[0].message.contains("limits.containers"))
    }

    @Test("Members of a cluster exist and are online, or another one is")
    func members() async throws {
        let cluster: (inout FakeLXD.World) -> Void = { world in
            world.answers[""] = FakeLXD.serverAnswer(isClustered: true)
            world.answers["cluster/members"] = .list([
                .texts(["server_name": "one", "status": "Online", "message": "ok"]),
                .texts(["server_name": "two", "status": "Offline", "message": "no heartbeat"]),
            ])
        }
        #expect(try await findings(lxdLaunch(properties: ["target": "one"]), cluster).isEmpty)
        let offline = try await findings(lxdLaunch(properties: ["target": "two"]), cluster)
        #expect(offline.map(\.severity) == [.obstacle] && offline[0].message.contains("no heartbeat"))
        let other = try await findings(
            lxdLaunch(properties: ["target": "two"], alternatives: [["target": "one"]]), cluster)
        #expect(other.map(\.severity) == [.warning])
        let unknown = try await findings(lxdLaunch(properties: ["target": "three"]), cluster)
        #expect(unknown.map(\.severity) == [.obstacle] && unknown[0].message.contains("one, two"))
    }

    @Test("What this client may not read stands in nobody's way, and what cannot be read is said")
    func unreadable() async throws {
        let forbidden = LXDError(.forbidden, request: "GET", detail: "restricted")
        #expect(
            try await findings { world in
                for path in ["profiles", "storage-pools", "networks"] { world.failures["GET \(path)"] = forbidden }
            }.isEmpty)
        await #expect(throws: ProviderError.self) {
            try await findings { $0.failures["GET profiles"] = LXDError(.unavailable, request: "GET", detail: "x") }
        }
    }
}
