import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Traffic

@Suite("A static address of LXD that moves, on a scripted server", .timeLimit(.minutes(5)))
struct LXDAddressMoveTests {
    private static let address = "10.0.0.50"
    private static let nic = ["type": "nic", "network": "br0", "name": "eth0"]
    private static let held = nic.merging(["ipv4.address": address]) { $1 }

    private func host() -> LXDHost {
        func hardware(_ name: String) -> [String: String] { ["volatile.eth0.hwaddr": "00:16:3e:00:00:0\(name)"] }
        let host = LXDHost([
            "a": LXDHost.Machine(
                config: hardware("a"), devices: ["eth0": Self.held], profile: ["eth0": Self.nic], shown: [Self.address]),
            "b": LXDHost.Machine(config: hardware("b"), profile: ["eth0": Self.nic], shown: ["10.0.1.98"]),
            "c": LXDHost.Machine(config: hardware("c"), profile: ["eth0": Self.nic]),
        ])
        host.lease(Self.address, to: "00:16:3e:00:00:0a")
        return host
    }

    private func traffic(_ host: LXDHost) -> LXDTraffic {
        LXDTraffic(client: host, clock: ManualClock(), commands: { host.commands($0) })
    }

    private func router(_ host: LXDHost) throws -> any TrafficRouter {
        try traffic(host).router(for: LXDAddressRoute(address: Self.address))
    }

    private func move(_ host: LXDHost, _ action: TrafficChange.Action, _ name: String) async -> TrafficError? {
        await thrown { try await router(host).apply(TrafficChange(action, instance: InstanceID(name), address: nil)) }
    }

    private func statuses(_ host: LXDHost) async throws -> [String: TrafficMember.Status] {
        var all: [String: TrafficMember.Status] = [:]
        for member in try await router(host).members() { all[member.instance?.rawValue ?? ""] = member.status }
        return all
    }

    /// What is so once `end` has the address and no move is under way.
    private func expectEnd(_ host: LXDHost, _ end: String, _ comment: Comment? = nil) async throws {
        let other = end == "a" ? "b" : "a"
        #expect(host[end].devices["eth0"] == Self.held && host[end].shown == [Self.address], comment)
        #expect(host[other].expanded["eth0"] == Self.nic && !host[other].shown.contains(Self.address), comment)
        #expect(host.lease[Self.address] == "00:16:3e:00:00:0\(end)", comment)
        for (name, machine) in host.all {
            #expect(machine.config == ["volatile.eth0.hwaddr": "00:16:3e:00:00:0\(name)"], comment)
        }
        #expect(try await statuses(host) == [end: .inService], comment)
    }

    @Test("There and back")
    func thereAndBack() async throws {
        let host = host()
        try await expectEnd(host, "a")
        #expect(await move(host, .register, "b") == nil)
        try await expectEnd(host, "b")
        #expect(host.trace.filter { !$0.hasPrefix("GET") } == ["PUT b", "PUT a", "PUT b", "DHCP a", "DHCP b", "PUT b"])
        for action in [TrafficChange.Action.drain, .remove] { #expect(await move(host, action, "a") == nil) }
        #expect(await move(host, .register, "b") == nil)
        #expect(host.changes.count == 4)
        #expect(await move(host, .restore, "a") == nil)
        try await expectEnd(host, "a")
    }

    @Test("Configured but not shown is not in service")
    func unhealthy() async throws {
        let host = host()
        host["a"].shown = []
        #expect(try await statuses(host) == ["a": .unhealthy])
        host["a"].shown = [Self.address]
        host["a"].status = "Stopped"
        #expect(try await statuses(host) == ["a": .unhealthy])
        let router = try router(host)
        #expect(router.slot == "lxd-address:10.0.0.50" && router.name.rawValue == "lxdAddress:10.0.0.50")
        #expect(try await router.members().map(\.address) == [Self.address])
    }

    @Test(
        "Whatever request the server dies at, the same call or its inverse goes on",
        arguments: LXDHost.Death.allCases)
    func deaths(_ death: LXDHost.Death) async throws {
        for (action, end) in [(.register, "b"), (.restore, "a")] as [(TrafficChange.Action, String)] {
            var request = 0
            while true {
                let host = host()
                host.die(at: request, death)
                let error = await move(host, .register, "b")
                host.die(at: nil)
                #expect(try await router(host).members().count == 1, "died at \(request)")
                #expect(await move(host, action, end) == nil, "died at \(request)")
                try await expectEnd(host, end, "died at \(request)")
                if error == nil { break }
                request += 1
            }
            #expect(request >= 15)
        }
    }

    @Test("An owner that is stopped, or does not answer, loses its lease all the same", arguments: [true, false])
    func brokenOwner(_ isStopped: Bool) async throws {
        for death in LXDHost.Death.allCases {
            var request = 0
            while true {
                let host = host()
                if isStopped { host["a"].status = "Stopped" } else { host["a"].hears = false }
                host.die(at: request, death)
                let error = await move(host, .register, "b")
                host.die(at: nil)
                #expect(await move(host, .register, "b") == nil, "died at \(request)")
                host["a"].status = "Running"
                host["a"].shown = []
                try await expectEnd(host, "b", "died at \(request)")
                if error == nil { break }
                request += 1
            }
            #expect(request >= 15)
        }
    }

    @Test(
        "Whatever request the server dies at, an owner that did not answer gets its address back",
        arguments: LXDHost.Death.allCases, [true, false])
    func brokenOwnerBack(_ death: LXDHost.Death, _ isStopped: Bool) async throws {
        var request = 0
        var unplugged = 0
        while true {
            let host = host()
            if isStopped { host["a"].status = "Stopped" } else { host["a"].hears = false }
            host.die(at: request, death)
            let error = await move(host, .register, "b")
            host.die(at: nil)
            if host["a"].devices["eth0"] == ["type": "none"] { unplugged += 1 }
            host["a"].status = "Running"
            host["a"].hears = true
            #expect(await move(host, .restore, "a") == nil, "died at \(request)")
            try await expectEnd(host, "a", "died at \(request)")
            if error == nil { break }
            request += 1
        }
        #expect(unplugged > 0)
    }

    @Test("A stopped receiver gets the address when it starts")
    func stoppedReceiver() async throws {
        let host = host()
        host["b"].status = "Stopped"
        #expect(await move(host, .register, "b") == nil)
        #expect(try await statuses(host) == ["b": .unhealthy])
        #expect(host.lease[Self.address] == nil && !host["a"].shown.contains(Self.address))
    }

    @Test("What cannot take the address is told before anything is taken away")
    func refusals() async throws {
        let host = host()
        host["b"].devices["eth0"] = Self.nic.merging(["ipv4.address": "10.0.0.51"]) { $1 }
        #expect(await move(host, .register, "b")?.detail.contains("10.0.0.51") == true)
        host["b"].devices["eth0"] = ["type": "nic", "network": "other"]
        #expect(await move(host, .register, "b")?.code == .refused)
        #expect(await move(host, .remove, "a")?.code == .refused)
        #expect(host.changes.isEmpty)
        let error = await thrown { _ = try traffic(host).router(for: LXDAddressRoute(address: "10.0.0.0/24")) }
        #expect(error?.code == .invalidRequest)
    }

    @Test("The device of the same network may have another name")
    func names() async throws {
        let host = host()
        host["b"].profile = ["lan": Self.nic]
        host["b"].config = ["volatile.lan.hwaddr": "00:16:3e:00:00:0b"]
        host["b"].status = "Stopped"
        #expect(await move(host, .register, "b") == nil)
        #expect(host["b"].devices == ["lan": Self.held])
        #expect(await move(host, .restore, "a") == nil)
        try await expectOriginal(host)
    }

    private func expectOriginal(_ host: LXDHost) async throws {
        #expect(host["a"].devices == ["eth0": Self.held] && host["a"].shown == [Self.address])
        #expect(host["b"].devices == ["lan": Self.nic])
        #expect(try await statuses(host) == ["a": .inService])
    }

    @Test("An address that is leased to a stranger is told")
    func stranger() async throws {
        let host = host()
        host["a"].status = "Stopped"
        host.lease(Self.address, to: "00:16:3e:ff:ff:ff")
        let error = await move(host, .register, "b")
        #expect(error?.code == .refused && error?.detail.contains("00:16:3e:ff:ff:ff") == true)
        #expect(try await statuses(host) == ["b": .unhealthy])
    }

    @Test("A client that does not take the address is asked again")
    func deaf() async throws {
        let host = host()
        host["b"].hears = false
        #expect(await move(host, .register, "b")?.isRetryable == true)
        #expect(try await statuses(host) == ["b": .unhealthy])
        host["b"].hears = true
        #expect(await move(host, .register, "b") == nil)
        try await expectEnd(host, "b")
    }
}
