import Foundation
import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Traffic

/// Remembers whether something was lost at any moment.
private final class LossWatch: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    private let isThere: @Sendable ([String: LXDHost.Machine]) -> Bool

    init(_ isThere: @escaping @Sendable ([String: LXDHost.Machine]) -> Bool) { self.isThere = isThere }

    func look(_ machines: [String: LXDHost.Machine]) {
        if !isThere(machines) { lock.withLock { count += 1 } }
    }

    var losses: Int { lock.withLock { count } }
}

@Suite("Devices of LXD that move, on a scripted server", .timeLimit(.minutes(5)))
struct LXDDeviceMoveTests {
    private static let proxy = [
        "type": "proxy", "listen": "tcp:0.0.0.0:80", "connect": "tcp:127.0.0.1:8080", "bind": "host",
    ]
    private static let volume = ["type": "disk", "pool": "fast", "source": "data", "path": "/srv"]
    private static let root = ["root": ["type": "disk", "path": "/", "pool": "default"]]

    /// A kind of device that moves.
    enum Kind: CaseIterable, Sendable {
        case proxy
        case volume

        var device: [String: String] { self == .proxy ? LXDDeviceMoveTests.proxy : LXDDeviceMoveTests.volume }
    }

    private func traffic(_ host: LXDHost) -> LXDTraffic {
        LXDTraffic(client: host, clock: ManualClock(), commands: { host.commands($0) })
    }

    private func router(_ kind: Kind, _ host: LXDHost) throws -> any TrafficRouter {
        switch kind {
        case .proxy: try traffic(host).router(for: LXDProxyRoute(listen: "tcp:0.0.0.0:80"))
        case .volume: traffic(host).router(for: LXDVolumeRoute(pool: "fast", volume: "data"))
        }
    }

    private func change(_ action: TrafficChange.Action, _ name: String) -> TrafficChange {
        TrafficChange(action, instance: InstanceID(name), address: nil)
    }

    private func host(
        _ kind: Kind, watch: @escaping @Sendable ([String: LXDHost.Machine]) -> Void = { _ in }
    ) -> LXDHost {
        LXDHost(
            [
                "a": LXDHost.Machine(config: ["user.x": "1"], devices: ["web": kind.device], profile: Self.root),
                "b": LXDHost.Machine(profile: Self.root), "c": LXDHost.Machine(profile: Self.root),
            ], watch: watch)
    }

    @Test("The owner is the only member, in service while it runs", arguments: Kind.allCases)
    func members(_ kind: Kind) async throws {
        let host = host(kind)
        #expect(
            try await router(kind, host).members() == [
                TrafficMember(
                    name: "a/web", instance: InstanceID("a"), address: "", status: .inService, openSessions: nil)
            ])
        host["a"].status = "Stopped"
        #expect(try await router(kind, host).members().map(\.status) == [.unhealthy])
        host["a"].devices = [:]
        #expect(try await router(kind, host).members().isEmpty)
        let router = try router(kind, host)
        #expect(router.slot == (kind == .proxy ? "lxd-proxy:tcp:0.0.0.0:80" : "lxd-volume:fast/data"))
        let observer: any TrafficObserver =
            try kind == .proxy
            ? traffic(host).observer(for: LXDProxyRoute(listen: "tcp:0.0.0.0:80-80"))
            : traffic(host).observer(for: LXDVolumeRoute(pool: "fast", volume: "data"))
        #expect(observer.slot == router.slot && !(observer is any TrafficRouter))
    }

    @Test("There and back, by three changes each, and nothing is left", arguments: Kind.allCases)
    func thereAndBack(_ kind: Kind) async throws {
        let host = host(kind)
        let before = host.all
        let router = try router(kind, host)
        for (action, name) in [(.register, "b"), (.drain, "a"), (.remove, "a")] as [(TrafficChange.Action, String)] {
            try await router.apply(change(action, name))
            #expect(try await router.members().map(\.instance?.rawValue) == ["b"])
        }
        #expect(host.changes == ["PUT b", "PUT a", "PUT b"])
        #expect(host["b"].devices == ["web": kind.device] && host["b"].config.isEmpty && host["a"].devices.isEmpty)
        try await router.apply(change(.register, "b"))
        #expect(host.changes.count == 3)
        for (action, name) in [(.restore, "a"), (.drain, "b"), (.remove, "b")] as [(TrafficChange.Action, String)] {
            try await router.apply(change(action, name))
            #expect(try await router.members().map(\.instance?.rawValue) == ["a"])
        }
        for name in ["a", "b", "c"] {
            #expect(host[name].devices == before[name]?.devices && host[name].config == before[name]?.config)
        }
    }

    @Test("A name that is taken gets another, and its own again on the way back")
    func names() async throws {
        let host = host(.proxy)
        host["b"].profile["web"] = ["type": "unix-char", "path": "/dev/null"]
        let router = try router(.proxy, host)
        try await router.apply(change(.register, "b"))
        #expect(host["b"].devices == ["web-changeover": Self.proxy])
        try await router.apply(change(.restore, "a"))
        #expect(host["a"].devices == ["web": Self.proxy] && host["b"].devices.isEmpty)
    }

    @Test(
        "Whatever request the server dies at, nothing is lost, and the same call or its inverse goes on",
        arguments: Kind.allCases, LXDHost.Death.allCases)
    func deaths(_ kind: Kind, _ death: LXDHost.Death) async throws {
        for (action, end, other) in [(.register, "b", "a"), (.restore, "a", "b")]
            as [(TrafficChange.Action, String, String)]
        {
            var request = 0
            while true {
                let watch = LossWatch { machines in
                    machines.values.contains {
                        $0.devices.values.contains(kind.device)
                            || $0.config.values.contains { $0.contains("\"web\"") }
                    }
                }
                let host = host(kind) { watch.look($0) }
                host.die(at: request, death)
                let error = await thrown { try await router(kind, host).apply(change(.register, "b")) }
                host.die(at: nil)
                let members = try await router(kind, host).members()
                #expect(members.count == 1, "died at \(request): \(members)")
                if let error { #expect(error.code == .unavailable) }
                try await router(kind, host).apply(change(action, end))
                #expect(host[end].devices == ["web": kind.device], "died at \(request)")
                #expect(host[other].devices.isEmpty, "died at \(request)")
                #expect(host["b"].config.isEmpty && host["a"].config == ["user.x": "1"], "died at \(request)")
                #expect(watch.losses == 0, "died at \(request)")
                if error == nil { break }
                request += 1
            }
            #expect(request >= 7)
        }
    }

    @Test("While nobody has it, the one it is moved to is a member that must not be deleted")
    func inTransit() async throws {
        let host = host(.proxy)
        // The list, two requests to mark, two to take.
        host.die(at: 5)
        _ = await thrown { try await router(.proxy, host).apply(change(.register, "b")) }
        host.die(at: nil)
        #expect(host["a"].devices.isEmpty && host["b"].devices.isEmpty)
        let members = try await router(.proxy, host).members()
        #expect(members.map(\.status) == [.unhealthy] && members.map(\.instance?.rawValue) == ["b"])
    }

    @Test("What the receiver is refused is given back")
    func refusedByTheServer() async throws {
        let host = host(.proxy)
        let traffic = LXDTraffic(client: RefuseOnTake(host), clock: ManualClock(), commands: { host.commands($0) })
        let refusing = try traffic.router(for: LXDProxyRoute(listen: "tcp:0.0.0.0:80"))
        let error = await thrown { try await refusing.apply(change(.register, "b")) }
        #expect(error?.code == .refused)
        #expect(error?.detail.contains("given back to a") == true)
        #expect(host["a"].devices == ["web": Self.proxy] && host["b"].config.isEmpty)
        #expect(try await router(.proxy, host).members().map(\.instance?.rawValue) == ["a"])
    }

    @Test("Nothing is taken where it is not clear from whom, or where a profile gives it, or nobody has it")
    func refusals() async throws {
        let host = host(.proxy)
        host["c"].status = "Stopped"
        host["c"].devices["also"] = Self.proxy
        #expect(await thrown { try await router(.proxy, host).apply(change(.register, "b")) }?.code == .refused)
        host["c"].devices = [:]
        #expect(await thrown { try await router(.proxy, host).apply(change(.register, "nobody")) }?.code == .refused)
        #expect(await thrown { try await router(.proxy, host).apply(change(.remove, "a")) }?.code == .refused)
        host["a"].devices = [:]
        #expect(await thrown { try await router(.proxy, host).apply(change(.register, "b")) }?.code == .refused)
        host["a"].profile["web"] = Self.proxy
        #expect(await thrown { _ = try await router(.proxy, host).members() }?.code == .invalidRequest)
        #expect(host.changes.isEmpty)
        let none = await thrown { _ = try traffic(host).router(for: LXDProxyRoute(listen: "port 80")) }
        #expect(none?.code == .invalidRequest)
    }

    @Test("Where two have it, the one that is removed loses it")
    func removal() async throws {
        let host = host(.volume)
        host["b"].devices["web"] = Self.volume
        try await router(.volume, host).apply(change(.remove, "a"))
        #expect(host["a"].devices.isEmpty && host["b"].devices == ["web": Self.volume])
    }

    @Test("A volume is not taken from an instance that writes to it, or does not say")
    func writers() async throws {
        let host = host(.volume)
        host["a"].config["test.writers"] = "17 postgres\n"
        let error = await thrown { try await router(.volume, host).apply(change(.register, "b")) }
        #expect(error?.code == .refused && error?.detail.contains("17 postgres") == true)
        host["a"].hears = false
        #expect(await thrown { try await router(.volume, host).apply(change(.register, "b")) }?.code == .refused)
        #expect(host.changes.isEmpty)
        host["a"].status = "Stopped"
        try await router(.volume, host).apply(change(.register, "b"))
        #expect(host["b"].devices == ["web": Self.volume])
    }

    /// A replacement that writes to the volume, beside the original that is held.
    private func heldHost(obeys: Bool = true) -> LXDHost {
        LXDHost([
            "a": LXDHost.Machine(profile: Self.root, status: "Stopped"),
            "b": LXDHost.Machine(
                config: ["user.changeover:role": "replacement", "test.writers": "17 postgres\n"],
                devices: ["web": Self.volume], profile: Self.root, obeys: obeys),
        ])
    }

    @Test("A replacement is stopped, by force if need be, before its volume goes back", arguments: [true, false])
    func goingBack(_ obeys: Bool) async throws {
        let host = heldHost(obeys: obeys)
        let router = try router(.volume, host)
        try await router.apply(change(.restore, "a"))
        let stops = obeys ? ["PUT b/state"] : ["PUT b/state", "PUT b/state"]
        #expect(host.changes == stops + ["PUT a", "PUT b", "PUT a"])
        #expect(host["b"].status == "Stopped" && host["b"].devices.isEmpty)
        // The original need not run to get it, and is in service once it does.
        #expect(host["a"].devices == ["web": Self.volume] && host["a"].config.isEmpty)
        #expect(try await router.members().map(\.status) == [.unhealthy])
        for action in [TrafficChange.Action.drain, .remove] { try await router.apply(change(action, "b")) }
        try await router.apply(change(.restore, "a"))
        #expect(host.changes.count == stops.count + 3)
        host["a"].status = "Running"
        #expect(try await self.router(.volume, host).members().map(\.status) == [.inService])
    }

    @Test("Whatever request the server dies at, a volume goes back", arguments: LXDHost.Death.allCases, [true, false])
    func goingBackDeaths(_ death: LXDHost.Death, _ obeys: Bool) async throws {
        var request = 0
        while true {
            let host = heldHost(obeys: obeys)
            host.die(at: request, death)
            let error = await thrown { try await router(.volume, host).apply(change(.restore, "a")) }
            host.die(at: nil)
            if let error { #expect(error.code == .unavailable, "died at \(request)") }
            try await router(.volume, host).apply(change(.restore, "a"))
            #expect(host["a"].devices == ["web": Self.volume] && host["b"].devices.isEmpty, "died at \(request)")
            #expect(host["a"].config.isEmpty && host["b"].status == "Stopped", "died at \(request)")
            if error == nil { break }
            request += 1
        }
        #expect(request >= 9)
    }

    @Test("Nobody else is stopped: not on the way there, and not who is no replacement")
    func stopsNobodyElse() async throws {
        let host = heldHost()
        #expect(await thrown { try await router(.volume, host).apply(change(.register, "a")) }?.code == .refused)
        for role in [nil, "original", "kept"] {
            host["b"].config["user.changeover:role"] = role
            #expect(await thrown { try await router(.volume, host).apply(change(.restore, "a")) }?.code == .refused)
        }
        #expect(host.changes.isEmpty && host["b"].status == "Running")
        // A proxy device leaves an instance that runs.
        let other = self.host(.proxy)
        other["a"].config["user.changeover:role"] = "replacement"
        try await router(.proxy, other).apply(change(.restore, "b"))
        #expect(other["a"].status == "Running" && other["b"].devices == ["web": Self.proxy])
    }

    @Test("A replacement that cannot be stopped keeps its volume")
    func unstoppable() async throws {
        let host = heldHost()
        host["b"].status = "Error"
        let error = await thrown { try await router(.volume, host).apply(change(.restore, "a")) }
        #expect(error?.code == .refused && error?.detail.contains("b could not be stopped") == true)
        #expect(host.changes.allSatisfy { $0 == "PUT b/state" })
        #expect(host["b"].devices == ["web": Self.volume])
    }

    @Test("What listens in an instance holds no port of the host", arguments: ["instance", "guest", "container"])
    func outgoing(_ bind: String) async throws {
        let host = host(.proxy)
        let outgoing = Self.proxy.merging(["bind": bind]) { $1 }
        host["b"].devices["out"] = outgoing
        host["c"].profile["out"] = outgoing
        let router = try router(.proxy, host)
        #expect(try await router.members().map(\.name) == ["a/web"])
        try await router.apply(change(.register, "b"))
        #expect(host["a"].devices.isEmpty && host["b"].devices == ["web": Self.proxy, "out": outgoing])
        try await router.apply(change(.restore, "a"))
        #expect(host["a"].devices == ["web": Self.proxy] && host["b"].devices == ["out": outgoing])
    }

    @Test(
        "All ways to write where a device listens are one",
        arguments: [
            ("tcp:0.0.0.0:80", "tcp:0.0.0.0:80"), ("TCP:0.0.0.0:80-80", "tcp:0.0.0.0:80"),
            ("tcp:[::1]:80", "tcp:[::1]:80"), ("tcp:[0:0::0:1]:080", "tcp:[::1]:80"),
            ("udp:10.0.0.1:92,90-91,7", "udp:10.0.0.1:7,90-92"), ("unix:/run/x.sock", "unix:/run/x.sock"),
            ("unix:@x", "unix:@x"), ("tcp::80", "tcp::80"), ("tcp:host:80", nil), ("tcp:0.0.0.0", nil), ("80", nil),
            ("tcp:1.2.3.4:80-", nil), ("tcp:1.2.3.4:9-8", nil), ("tcp:1.2.3.4:65536", nil), ("", nil), ("unix:", nil),
        ] as [(String, String?)])
    func listens(_ text: String, _ expected: String?) {
        #expect(ProxyListen(text)?.description == expected)
    }
}

/// Refuses the second change of the receiving instance: the one by which it would get the device.
private final class RefuseOnTake: LXDCalling, @unchecked Sendable {
    private let host: LXDHost
    init(_ host: LXDHost) { self.host = host }

    var location: String { host.location }
    func server() async throws(LXDError) -> LXDServer { try await host.server() }
    func read<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> LXDReading<Value> { try await host.read(resource, as: type) }
    func send(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
    ) async throws(LXDError) -> LXDOperation? {
        let operation = try await host.send(method, resource, body, version: version)
        if host.changes == ["PUT b", "PUT a"] { host.refuse("b", .invalidRequest) }
        return operation
    }
    func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation { operation }
    func file(_ path: String, of instance: String, limitBytes: Int) async throws(LXDError) -> [UInt8]? { nil }
    func write(_ file: LXDFile, to instance: String) async throws(LXDError) {}
    func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String? { nil }
    func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket {
        try await host.socket(of: operation, secret: secret)
    }
}
