import TestSupport
import Testing
import Workflow

@testable import Traffic

@Suite(
    "What moves between instances of a real LXD", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: RealLXD.isThere, Comment(rawValue: RealLXD.absence)))
struct LXDTrafficLiveTests {
    @Test("A proxy device and a volume, there and back")
    func devices() async throws {
        try await LXDTrafficLab.withInstances { lab in
            try await moveProxy(lab)
            try await moveVolume(lab)
        }
    }

    private func moveProxy(_ lab: LXDTrafficLab) async throws {
        let port = Int.random(in: 20_000...29_999)
        let listen = "tcp:127.0.0.1:\(port)"
        try await lab.lxc(
            "config", "device", "add", lab.first, "web", "proxy", "listen=\(listen)", "connect=tcp:127.0.0.1:80")
        let before = try await lab.lxc("config", "device", "show", lab.first)
        let router = try lab.traffic.router(for: LXDProxyRoute(listen: listen))
        for (action, name, other) in [
            (.register, lab.second, lab.first), (.register, lab.second, lab.first), (.restore, lab.first, lab.second),
        ] as [(TrafficChange.Action, String, String)] {
            try await router.apply(lab.change(action, name))
            #expect(try await lab.whoAnswers("127.0.0.1:\(port)") == name)
            let members = try await router.members()
            #expect(members.map(\.instance?.rawValue) == [name] && members.map(\.status) == [.inService])
            #expect(try await !lab.lxc("config", "device", "show", other).contains("proxy"))
            for instance in [name, other] { #expect(try await !lab.hasLeftovers(instance)) }
        }
        #expect(try await lab.lxc("config", "device", "show", lab.first) == before)
        try await lab.lxc("config", "device", "remove", lab.first, "web")
    }

    private func moveVolume(_ lab: LXDTrafficLab) async throws {
        try await lab.lxc("storage", "volume", "create", "default", lab.volume)
        try await lab.lxc(
            "config", "device", "add", lab.first, "data", "disk", "pool=default", "source=\(lab.volume)",
            "path=/srv/data")
        try await lab.inside(lab.first, "echo hello >/srv/data/file")
        let router = lab.traffic.router(for: LXDVolumeRoute(pool: "default", volume: lab.volume))
        // Who writes keeps the volume.
        try await lab.inside(
            lab.first, "exec 5>/srv/data/log; sleep 1000 >&5 2>&1 </dev/null & echo $! >/srv/writer")
        let error = await thrown { try await router.apply(lab.change(.register, lab.second)) }
        #expect(error?.code == .refused)
        #expect(error?.detail.contains("sleep") == true)
        try await lab.inside(lab.first, "kill $(cat /srv/writer)")
        // Who reads loses it.
        try await lab.inside(lab.first, "exec 5</srv/data/file; sleep 1000 >/dev/null 2>&1 <&5 &")
        for (action, name, other) in [(.register, lab.second, lab.first), (.restore, lab.first, lab.second)]
            as [(TrafficChange.Action, String, String)]
        {
            try await router.apply(lab.change(action, name))
            #expect(try await lab.inside(name, "cat /srv/data/file") == "hello\n")
            #expect(try await lab.inside(other, "grep -c /srv/data /proc/mounts || true") == "0\n")
            #expect(try await router.members().map(\.instance?.rawValue) == [name])
            for instance in [name, other] { #expect(try await !lab.hasLeftovers(instance)) }
        }
    }

    @Test("A static address, there and back, and away from an owner that is stopped or has no DHCP client")
    func address() async throws {
        try await LXDTrafficLab.withInstances { lab in
            let own = try #require(try await lab.addresses(of: lab.first).first)
            let address = own.prefix(through: own.lastIndex(of: ".") ?? own.startIndex) + "7"
            let router = try lab.traffic.router(for: LXDAddressRoute(address: String(address)))
            try await lab.lxc("config", "device", "override", lab.first, "eth0", "ipv4.address=\(address)")
            #expect(try await router.members().map(\.status) == [.unhealthy])
            try await router.apply(lab.change(.restore, lab.first))
            try await expectOwner(lab, router, lab.first, "\(address)")
            let before = try await lab.lxc("config", "device", "show", lab.first)

            try await router.apply(lab.change(.register, lab.second))
            try await expectOwner(lab, router, lab.second, "\(address)")
            try await router.apply(lab.change(.register, lab.second))
            // The original is stopped and started in between, as a swap does.
            try await lab.lxc("restart", "-f", lab.first)
            try await router.apply(lab.change(.restore, lab.first))
            try await expectOwner(lab, router, lab.first, "\(address)")
            #expect(try await lab.lxc("config", "device", "show", lab.first) == before)

            // Stopped at once, it has not given back its lease.
            try await lab.lxc("stop", "-f", lab.first)
            try await router.apply(lab.change(.register, lab.second))
            try await expectOwner(lab, router, lab.second, "\(address)")
            try await lab.lxc("start", lab.first)
            try await eventually("the first has another address") {
                let all = try await lab.addresses(of: lab.first)
                return all.count == 1 && all != ["\(address)"]
            }
            // Running, with nobody who could give the lease back.
            try await lab.inside(
                lab.second, "pkill dhclient; mv /usr/sbin/ifdown /usr/sbin/ifdown.off; rm /usr/sbin/dhclient")
            try await router.apply(lab.change(.restore, lab.first))
            try await expectOwner(lab, router, lab.first, "\(address)")
        }
    }

    private func expectOwner(
        _ lab: LXDTrafficLab, _ router: any TrafficRouter, _ name: String, _ address: String
    ) async throws {
        // The host has just talked to the former owner, and must not go on sending there.
        #expect(try await lab.whoAnswers(address) == name)
        #expect(try await lab.addresses(of: name) == [address])
        let other = name == lab.first ? lab.second : lab.first
        // One that is stopped has none to show.
        let otherShows = (try? await lab.addresses(of: other)) ?? []
        #expect(!otherShows.contains(address))
        let members = try await router.members()
        #expect(members.map(\.instance?.rawValue) == [name] && members.map(\.status) == [.inService])
        for instance in [lab.first, lab.second] { #expect(try await !lab.hasLeftovers(instance)) }
    }
}
