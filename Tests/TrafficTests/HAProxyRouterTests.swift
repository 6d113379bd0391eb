import Foundation
import Testing
import Workflow

@testable import Traffic

@Suite(.serialized, .enabled(if: HAProxyFixture.isInstalled, "haproxy is not installed"))
struct HAProxyRouterTests {
    let old = InstanceID("i-old")
    let new = InstanceID("i-new")
    let oldAddress = "127.43.0.2"
    let newAddress = "127.43.0.3"

    private func withHAProxy(
        servers: [String], balance: String = "roundrobin", _ body: (HAProxyFixture) async throws -> Void
    ) async throws {
        let fixture = try await HAProxyFixture(addresses: [oldAddress, newAddress], servers: servers, balance: balance)
        do {
            try await body(fixture)
        } catch {
            await fixture.stop()
            throw error
        }
        await fixture.stop()
    }

    private static let checked = "old 127.43.0.2:PORT check inter 100ms rise 2 fall 2"

    @Test func freshMemberGetsNothingBeforeItsFirstPassedCheck() async throws {
        try await withHAProxy(servers: [Self.checked]) { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            try haproxy.mark(newAddress, "slow", true)
            try haproxy.mark(newAddress, "sick", true)
            try await haproxy.router.apply(TrafficChange(.register, instance: new, address: newAddress))
            #expect(try await haproxy.status(newAddress) == .unhealthy)
            let names = try await haproxy.observer.members().map(\.name)
            #expect(names == ["old", "changeover-i-new"])
            for _ in 0..<100 { #expect(try await haproxy.get() == oldAddress) }
            #expect(haproxy.hits(newAddress) == 0)
            try await haproxy.router.apply(TrafficChange(.register, instance: new, address: newAddress))
            try haproxy.mark(newAddress, "sick", false)
            try await eventually("traffic reaches it") { try await haproxy.get() == newAddress }
            #expect(try await haproxy.status(newAddress) == .inService)
        }
    }

    /// The reason for the way through drain: ready alone exposes a member before any check.
    @Test func plainReadyWouldExposeIt() async throws {
        try await withHAProxy(servers: [Self.checked, "new 127.43.0.3:PORT check inter 100ms disabled"]) { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            try haproxy.mark(newAddress, "slow", true)
            try haproxy.mark(newAddress, "sick", true)
            let socket = CurlRuntimeSocket(transport: haproxy.transport, path: haproxy.socket)
            let server = RuntimeServer(
                backend: try #require(RuntimeName("web")), name: try #require(RuntimeName("new")))
            _ = try await socket.ask(.set(.ready, server), for: RouterName("t"))
            #expect(try await haproxy.status(newAddress) == .unhealthy, "we never call that in service")
            for _ in 0..<4 { _ = try await haproxy.get() }
            #expect(haproxy.hits(newAddress) > 0)
        }
    }

    @Test(arguments: [false, true]) func declaredMemberIsAdmittedOnlyAfterAPassedCheck(again: Bool) async throws {
        try await withHAProxy(servers: [Self.checked, "slot 127.43.0.3:PORT check inter 100ms disabled"]) { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            if again {
                try await haproxy.router.apply(TrafficChange(.register, instance: new, address: newAddress))
                try await haproxy.waitFor(newAddress, .inService)
                try await haproxy.router.apply(TrafficChange(.remove, instance: new, address: newAddress))
            }
            #expect(try await haproxy.status(newAddress) == .disabled)
            try haproxy.mark(newAddress, "slow", true)
            try haproxy.mark(newAddress, "sick", true)
            let action: TrafficChange.Action = again ? .restore : .register
            try await haproxy.router.apply(TrafficChange(action, instance: new, address: newAddress))
            let before = haproxy.hits(newAddress)
            for _ in 0..<100 { #expect(try await haproxy.get() == oldAddress) }
            #expect(haproxy.hits(newAddress) == before)
            #expect(try await haproxy.status(newAddress) == .unhealthy)
            try haproxy.mark(newAddress, "sick", false)
            try await haproxy.waitFor(newAddress, .inService)
            #expect(try await haproxy.observer.members().map(\.name) == ["old", "slot"])
        }
    }

    @Test func drainLetsAnOpenRequestFinish() async throws {
        try await withHAProxy(servers: [Self.checked]) { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            async let slow = haproxy.get("/hang")
            try await eventually("the request is open") {
                try await haproxy.observer.members().first?.openSessions == 1
            }
            try await haproxy.router.apply(TrafficChange(.register, instance: new, address: newAddress))
            try await haproxy.waitFor(newAddress, .inService)
            let drain = TrafficChange(.drain, instance: old, address: oldAddress)
            try await haproxy.router.apply(drain)
            try await haproxy.router.apply(drain)
            #expect(try await haproxy.status(oldAddress) == .draining)
            for _ in 0..<20 { #expect(try await haproxy.get() == newAddress) }
            #expect(try await haproxy.observer.members().first?.openSessions == 1)
            try Data().write(to: URL(fileURLWithPath: haproxy.folder + "/go"))
            #expect(try await slow == oldAddress)
            try await eventually("no session is left") {
                try await haproxy.observer.members().first?.openSessions == 0
            }
        }
    }

    @Test func theOnlyMemberInServiceStays() async throws {
        try await withHAProxy(servers: [Self.checked]) { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            for action in [TrafficChange.Action.drain, .remove] {
                let change = TrafficChange(action, instance: old, address: oldAddress)
                #expect(await thrown { try await haproxy.router.apply(change) }?.code == .refused)
            }
            try haproxy.mark(newAddress, "sick", true)
            try await haproxy.router.apply(TrafficChange(.register, instance: new, address: newAddress))
            let change = TrafficChange(.drain, instance: old, address: oldAddress)
            #expect(await thrown { try await haproxy.router.apply(change) }?.code == .refused)
            try await haproxy.router.apply(TrafficChange(.remove, instance: new, address: newAddress))
            try await haproxy.waitFor(newAddress, nil)
            try await haproxy.router.apply(TrafficChange(.remove, instance: new, address: newAddress))
            let unknown = TrafficChange(.remove, instance: new, address: nil)
            #expect(await thrown { try await haproxy.router.apply(unknown) }?.code == .invalidRequest)
            #expect(try await haproxy.status(oldAddress) == .inService)
        }
    }

    @Test func aMemberWithAnotherAddressIsMoved() async throws {
        try await withHAProxy(servers: [Self.checked]) { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            try await haproxy.router.apply(TrafficChange(.register, instance: new, address: "127.43.0.99"))
            try await haproxy.router.apply(TrafficChange(.restore, instance: new, address: newAddress))
            try await haproxy.waitFor(newAddress, .inService)
            #expect(try await haproxy.observer.members().count == 2)
        }
    }

    @Test func wholeChangeOverAndUndoLoseNoRequest() async throws {
        try await withHAProxy(servers: [Self.checked]) { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            let load = try Load(haproxy)
            try await load.reaches(300)
            let router = haproxy.router
            try await router.apply(TrafficChange(.register, instance: new, address: newAddress))
            try await haproxy.waitFor(newAddress, .inService)
            try await router.apply(TrafficChange(.drain, instance: old, address: oldAddress))
            try await drained(haproxy, oldAddress)
            try await router.apply(TrafficChange(.remove, instance: old, address: oldAddress))
            try await load.reaches(load.count() + 400)
            #expect(try await haproxy.status(oldAddress) == .disabled)
            // Undo: the original returns, the replacement leaves.
            try await router.apply(TrafficChange(.restore, instance: old, address: oldAddress))
            try await haproxy.waitFor(oldAddress, .inService)
            try await router.apply(TrafficChange(.drain, instance: new, address: newAddress))
            try await drained(haproxy, newAddress)
            try await router.apply(TrafficChange(.remove, instance: new, address: newAddress))
            try await load.reaches(max(2400, load.count() + 400))
            let result = try load.finish()
            #expect(result.failed == 0)
            #expect(result.keptAlive + result.fresh >= 2000)
            #expect(result.keptAlive >= 500 && result.fresh >= 500)
            #expect(haproxy.hits(oldAddress) > 300 && haproxy.hits(newAddress) > 300)
        }
    }

    private func drained(_ haproxy: HAProxyFixture, _ address: String) async throws {
        try await eventually("\(address) is idle") {
            try await haproxy.observer.members().first { $0.address == address }?.openSessions == 0
        }
    }

    @Test func whatIsWrongIsToldApart() async throws {
        try await withHAProxy(servers: [Self.checked], balance: "static-rr") { haproxy in
            try await haproxy.waitFor(oldAddress, .inService)
            func error(_ route: HAProxyRoute) async -> TrafficError? {
                await thrown {
                    try await HAProxyRouter(route: route, transport: haproxy.transport)
                        .apply(TrafficChange(.register, instance: new, address: newAddress))
                }
            }
            var route = haproxy.route
            #expect(await error(route)?.detail.contains("static balance") == true)
            route.backend = "nowhere"
            #expect(await error(route)?.code == .notFound)
            route.backend = "web;disable server web/old"
            #expect(await error(route)?.code == .invalidRequest)
            for level in ["operator", "user"] {
                route = haproxy.route
                route.socket = haproxy.folder + "/\(level).sock"
                let refused = await error(route)
                #expect(refused?.code == .invalidRequest && refused?.detail.contains("level admin") == true)
            }
            route.socket = haproxy.folder + "/none.sock"
            #expect(await error(route)?.code == .notFound)
            route.socket = haproxy.folder + "/haproxy.cfg"
            #expect(await error(route)?.detail.contains("not a socket") == true)
            route = haproxy.route
            haproxy.stopHAProxy()
            #expect(await error(route)?.code == .unavailable)
            #expect(await error(route)?.isRetryable == true)
        }
    }
}

/// Clients that ask through HAProxy without pause, half on kept connections, half on a new one each time.
private final class Load {
    private let folder: String
    private let output = Pipe()

    struct Result: Decodable {
        var keptAlive: Int
        var fresh: Int
        var failed: Int
    }

    init(_ haproxy: HAProxyFixture) throws {
        folder = haproxy.folder
        try Self.script.write(toFile: folder + "/load.py", atomically: true, encoding: .utf8)
        try haproxy.start(
            "/usr/bin/env", ["python3", folder + "/load.py", folder, "\(haproxy.frontend)"], output: output)
    }

    func count() -> Int { FileManager.default.contents(atPath: folder + "/load")?.count ?? 0 }

    func reaches(_ number: Int) async throws {
        try await eventually("\(number) requests") { self.count() >= number }
    }

    func finish() throws -> Result {
        try Data().write(to: URL(fileURLWithPath: folder + "/end"))
        return try JSONDecoder().decode(Result.self, from: output.fileHandleForReading.readDataToEndOfFile())
    }

    private static let script = """
        import sys, os, json, threading, http.client
        folder, port = sys.argv[1], int(sys.argv[2])
        total = {"keptAlive": 0, "fresh": 0, "failed": 0}
        lock = threading.Lock()
        log = open(folder + "/load", "ab", buffering=0)
        def one(connection, kind):
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                answer.read()
                ok = answer.status == 200
            except Exception:
                ok = False
                connection.close()
            with lock:
                total[kind] += 1
                total["failed"] += 0 if ok else 1
                log.write(b"x")
        def work(kind):
            connection = http.client.HTTPConnection("127.43.0.1", port, timeout=10)
            while not os.path.exists(folder + "/end"):
                one(connection, kind)
                if kind == "fresh": connection.close()
        threads = [threading.Thread(target=work, args=(k,)) for k in ["keptAlive", "fresh"] * 2]
        for t in threads: t.start()
        for t in threads: t.join()
        print(json.dumps(total))
        """
}
