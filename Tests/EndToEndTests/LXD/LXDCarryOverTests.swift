import Foundation
import Testing

extension LXDTests {
    /// What an original has and a replacement must have instead, and back.
    @Suite struct CarryOverTests {
        /// Gives `web-1` a static address, a port of this machine and a volume with a file, and starts it.
        private func furnish(_ world: LXDWorld, address: String, port: Int) async throws {
            try await world.lxc(["init", "changeover-lab", "web-1"])
            try await world.lxc(["config", "device", "override", "web-1", "eth0", "ipv4.address=\(address)"])
            try await world.lxc([
                "config", "device", "add", "web-1", "site", "proxy", "listen=tcp:127.0.0.1:\(port)",
                "connect=tcp:127.0.0.1:80",
            ])
            try await world.lxc(["storage", "volume", "create", "default", "web-data"])
            try await world.lxc([
                "config", "device", "add", "web-1", "data", "disk", "pool=default", "source=web-data", "path=/srv/data",
            ])
            try await world.lxc(["start", "web-1"])
            _ = try await world.exec("web-1", "sh", "-c", "echo precious >/srv/data/file")
        }

        /// Whether one instance alone has all of it, as LXD and whoever connects sees it.
        private func expect(_ owner: String, has address: String, _ port: Int, in world: LXDWorld) async throws {
            let instances = try await world.look()
            for (name, instance) in instances {
                let devices = instance.devices.values
                let isOwner = name == owner
                #expect(devices.contains { $0["ipv4.address"] == address } == isOwner, "\(name): \(instance.devices)")
                #expect(devices.contains { $0["type"] == "proxy" } == isOwner, "\(name): \(instance.devices)")
                #expect(devices.contains { $0["source"] == "web-data" } == isOwner, "\(name): \(instance.devices)")
            }
            #expect(instances[owner]?.addresses == [address])
            #expect(try LXDWorld.page(address).first == owner)
            #expect(try LXDWorld.page("127.0.0.1", port).first == owner)
            #expect(try await world.exec(owner, "cat", "/srv/data/file") == "precious")
        }

        @Test func staticAddressPortAndVolumeMoveAndComeBack() async throws {
            let port = try Sockets.freePort()
            let address = try LXDLab.networkPrefix() + ".77"
            var settings = LXDTexts.Settings()
            settings.traffic = """
                {lxdVolume: {pool: default, volume: web-data}}, {lxdProxy: {listen: "tcp:127.0.0.1:\(port)"}}, \
                {lxdAddress: {address: \(address)}}
                """
            try await LXDWorld.with(settings: settings) { world in
                try await furnish(world, address: address, port: port)
                try await world.address(of: "web-1")
                try await expect("web-1", has: address, port, in: world)
                let before = try await world.look("web-1")

                let held = try await world.swap("web-1")
                let replacement = try #require(held.replacement)
                #expect(held.state == "holding")
                try await expect(replacement, has: address, port, in: world)

                let undo = try await world.run(["undo", held.swap])
                #expect(undo.code == 0 || undo.code == 2, "\(undo.transcript)")
                #expect(try await world.status(held.swap).state == "rolledBack")
                #expect(try await world.look().keys.sorted() == ["web-1"])
                try await expect("web-1", has: address, port, in: world)
                #expect(try await world.look("web-1")?.devices == before?.devices)
            }
        }

        /// A playbook that says nothing of them is refused with the lines that are missing.
        @Test func whatIsNotMovedIsRefusedByName() async throws {
            let port = try Sockets.freePort()
            try await LXDWorld.with { world in
                let address = world.network + ".78"
                try await furnish(world, address: address, port: port)
                let run = try await world.run(["swap", "web-1"])
                #expect(run.code == 4, "\(run.transcript)")
                for line in ["lxdVolume", "web-data", "lxdProxy", "\(port)", "lxdAddress", address] {
                    #expect((run.output + run.errors).contains(line), "\(line) is not in: \(run.transcript)")
                }
                #expect(try await world.look().keys.sorted() == ["web-1"])
            }
        }
    }
}
