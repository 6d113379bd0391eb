import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("What cannot be carried over on LXD")
struct LXDCarryOverTests {
    private func findings(
        _ machine: FakeMachine, routes: [TrafficRoute] = []
    ) async throws -> [PreflightFinding] {
        let cloud = provider(FakeLXD([machine]))
        let seen = try #require(try await cloud.instance(InstanceID(machine.name)))
        return try await cloud.carryOverFindings(for: seen, routes: routes)
    }

    private func findings(_ device: [String: String], routes: [TrafficRoute] = []) async throws -> [PreflightFinding] {
        var machine = FakeMachine.original()
        machine.devices["it"] = device
        return try await findings(machine, routes: routes).filter { !["disk", "host-name"].contains($0.code) }
    }

    @Test("An ordinary instance has only what stays with it in any case")
    func ordinary() async throws {
        var machine = FakeMachine.original()
        #expect(try await findings(machine).map(\.code) == ["disk", "host-name"])
        machine.snapshots = ["a", "b"]
        let found = try await findings(machine)
        #expect(found.map(\.code) == ["disk", "host-name", "snapshots"] && found.allSatisfy { $0.severity == .note })
        #expect(found[2].message.hasPrefix("2 snapshots"))
    }

    @Test(
        "What one of the routes would move is an obstacle without it, with the playbook's line",
        arguments: [
            (
                ["type": "proxy", "listen": "tcp:0.0.0.0:80", "connect": "tcp:127.0.0.1:80"], "proxy",
                "- lxdProxy: {listen: \"tcp:0.0.0.0:80\"}",
                TrafficRoute.lxdProxy(LXDProxyRoute(listen: "tcp:0.0.0.0:80"))
            ),
            (
                ["type": "nic", "network": "lxdbr0", "ipv4.address": "10.0.3.80"], "address",
                "- lxdAddress: {address: 10.0.3.80}", .lxdAddress(LXDAddressRoute(address: "10.0.3.80"))
            ),
            (
                ["type": "disk", "pool": "fast", "source": "data", "path": "/srv"], "volume",
                "- lxdVolume: {pool: fast, volume: data}", .lxdVolume(LXDVolumeRoute(pool: "fast", volume: "data"))
            ),
        ] as [([String: String], String, String, TrafficRoute)])
    func routed(_ device: [String: String], _ code: String, _ line: String, _ route: TrafficRoute) async throws {
        let found = try await findings(device)
        #expect(found.map(\.code) == [code] && found[0].severity == .obstacle)
        #expect(found[0].message.contains("`\(line)`"), "\(found[0].message)")
        #expect(try await findings(device, routes: [route]).isEmpty)
    }

    @Test(
        "Other devices",
        arguments: [
            (["type": "disk", "source": "/srv", "path": "/srv"], ["host-path"], PreflightFinding.Severity.note),
            (["type": "disk", "source": "/dev/sdb", "path": "/srv"], ["hardware"], .obstacle),
            (["type": "gpu"], ["hardware"], .obstacle), (["type": "usb"], ["hardware"], .obstacle),
            (["type": "unix-char", "source": "/dev/ttyS0"], ["hardware"], .obstacle),
            (["type": "unix-char", "path": "/dev/net/tun"], [], .note),
            (["type": "nic", "nictype": "physical", "parent": "eth1"], ["hardware"], .obstacle),
            (["type": "nic", "network": "lxdbr0", "ipv4.routes": "10.1.0.0/24"], ["routes"], .obstacle),
            (["type": "nic", "network": "lxdbr0", "hwaddr": "00:16:3e:1:2:3"], ["hardware-address"], .warning),
            (
                ["type": "proxy", "bind": "instance", "listen": "tcp:127.0.0.1:9", "connect": "tcp:1.1.1.1:9"], [],
                .note
            ),
        ] as [([String: String], [String], PreflightFinding.Severity)])
    func others(_ device: [String: String], _ codes: [String], _ severity: PreflightFinding.Severity) async throws {
        let found = try await findings(device)
        #expect(found.map(\.code) == codes && found.allSatisfy { $0.severity == severity }, "\(found)")
    }

    @Test("A proxy by NAT needs the address as well")
    func nat() async throws {
        let device = [
            "type": "proxy", "listen": "tcp:10.0.0.1:80", "connect": "tcp:10.0.3.80:80", "nat": "true",
        ]
        let proxy = TrafficRoute.lxdProxy(LXDProxyRoute(listen: "tcp:10.0.0.1:80"))
        #expect(try await findings(device, routes: [proxy]).map(\.code) == ["proxy-nat"])
        let address = TrafficRoute.lxdAddress(LXDAddressRoute(address: "10.0.3.80"))
        #expect(try await findings(device, routes: [address, proxy]).isEmpty)
        #expect(try await findings(device, routes: [proxy, address]).map(\.code) == ["proxy-nat"])
        for other in ["10.0.3.8", "0.3.80"] {
            let route = TrafficRoute.lxdAddress(LXDAddressRoute(address: other))
            #expect(try await findings(device, routes: [route, proxy]).map(\.code) == ["proxy-nat"])
        }
        // Any address stands for the static one.
        var machine = FakeMachine.original()
        machine.devices["any"] = device.merging(["connect": "tcp:0.0.0.0:80"]) { $1 }
        machine.devices["eth1"] = ["type": "nic", "network": "lxdbr0", "ipv4.address": "10.0.3.80"]
        #expect(try await findings(machine, routes: [address, proxy]).allSatisfy { $0.severity == .note })
        #expect(try await findings(machine, routes: [proxy, address]).first?.code == "proxy-nat")
    }

    private func proxy(connect: String) -> [String: String] {
        ["type": "proxy", "listen": "tcp:0.0.0.0:80", "connect": connect]
    }

    @Test(
        "A proxy that connects to an address of the original's own would lead there from the replacement too",
        arguments: [
            // What the original shows, and its static addresses.
            ("tcp:10.0.3.5:80", true), ("udp:10.0.3.5:53", true), ("tcp:10.0.3.7:80", true),
            ("tcp:[fd42::7]:80", true), ("tcp:[fd42:0:0::7]:80", true),
            ("tcp:10.0.3.50:80", false), ("tcp:10.0.3.70:80", false), ("tcp:[fd42::70]:80", false),
            ("tcp:127.0.0.1:80", false), ("tcp:[::1]:80", false), ("tcp:0.0.0.0:80", false), ("tcp::80", false),
            ("tcp:192.0.2.1:80", false), ("unix:/run/10.0.3.7:80", false), ("unix:@x", false),
        ])
    func connects(_ connect: String, _ isOwn: Bool) async throws {
        var machine = FakeMachine.original()
        machine.devices["web"] = proxy(connect: connect)
        machine.devices["eth1"] = [
            "type": "nic", "network": "lxdbr0", "ipv4.address": "10.0.3.7", "ipv6.address": "fd42::7",
        ]
        let routes = [TrafficRoute.lxdProxy(LXDProxyRoute(listen: "tcp:0.0.0.0:80"))]
        let found = try await findings(machine, routes: routes).filter { $0.code == "proxy-address" }
        #expect(found.count == (isOwn ? 1 : 0))
        #expect(found.allSatisfy { $0.severity == .obstacle && $0.message.contains("connect to 127.0.0.1") })
    }

    @Test("Such an address must move before the proxy, if it can")
    func connectOrder() async throws {
        var machine = FakeMachine.original()
        let route = TrafficRoute.lxdProxy(LXDProxyRoute(listen: "tcp:0.0.0.0:80"))
        machine.devices["web"] = proxy(connect: "tcp:10.0.3.5:80")
        let shown = try #require(try await findings(machine, routes: [route]).first)
        #expect(shown.code == "proxy-address" && !shown.message.contains("lxdAddress"))
        machine.devices["web"] = proxy(connect: "tcp:10.0.3.7:80")
        machine.devices["eth1"] = ["type": "nic", "network": "lxdbr0", "ipv4.address": "10.0.3.7"]
        let address = TrafficRoute.lxdAddress(LXDAddressRoute(address: "10.0.3.7"))
        let other = TrafficRoute.lxdAddress(LXDAddressRoute(address: "10.0.3.70"))
        #expect(try await findings(machine, routes: [address, route]).allSatisfy { $0.severity == .note })
        let still = try await findings(machine, routes: [other, route]).filter { $0.code == "proxy-address" }
        #expect(still.first?.message.contains("move that address before it") == true)
        let late = try await findings(machine, routes: [route, address]).filter { $0.severity == .obstacle }
        #expect(late.map(\.code) == ["proxy-address"])
        #expect(late.first?.message.contains("put the `lxdAddress` of 10.0.3.7 before") == true)
    }

    @Test("What comes from a profile cannot be moved off one instance")
    func profiles() throws {
        let value = FakeMachine.original().json
        var fields = value.fields
        fields["expanded_devices"] = .object([
            "http": .texts(["type": "proxy", "listen": "tcp:0.0.0.0:80", "connect": "tcp:127.0.0.1:80"]),
            "eth0": .texts(["type": "nic", "ipv4.address": "10.0.3.80"]), "gpu": .texts(["type": "gpu"]),
            "data": .texts(["type": "disk", "pool": "p", "source": "v", "path": "/v"]),
        ])
        let instance = try LXDValue.object(fields).decoded(as: LXDInstance.self)
        let routes: [TrafficRoute] = [
            .lxdProxy(LXDProxyRoute(listen: "tcp:0.0.0.0:80")), .lxdAddress(LXDAddressRoute(address: "10.0.3.80")),
        ]
        let found = LXDCarryOver(original: instance, snapshotCount: 0, routes: routes).findings
        #expect(found.map(\.code) == ["address", "proxy", "volume", "disk", "host-name"])
        #expect(found[0].message.contains("lxc config device override web-1 eth0"))
        #expect(found[1].message.contains("out of the profile"))
    }

    @Test("A device that hides one of a profile would uncover it")
    func hidden() async throws {
        var machine = FakeMachine.original()
        machine.devices["eth1"] = ["type": "disk", "pool": "fast", "source": "data/sub", "path": "/srv"]
        let routes = [TrafficRoute.lxdVolume(LXDVolumeRoute(pool: "fast", volume: "data"))]
        #expect(try await findings(machine, routes: routes).allSatisfy { $0.severity == .note })
        machine.devices["eth0"] = machine.devices.removeValue(forKey: "eth1")
        #expect(try await findings(machine, routes: routes).map(\.code).first == "profile-device")
    }

    @Test("What could not be held, or would wake up")
    func kinds() async throws {
        var machine = FakeMachine.original()
        machine.isEphemeral = true
        machine.status = "Frozen"
        machine.config.merge([
            "boot.autostart": "true", "raw.lxc": "x", "user.network-config": "y", "security.idmap.base": "1",
        ]) { $1 }
        let found = try await findings(machine)
        #expect(
            found.map(\.code) == [
                "ephemeral", "frozen", "autostart", "raw", "network-config", "idmap", "disk", "host-name",
            ])
    }
}
