import CurlTransport
import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite(.timeLimit(.minutes(5))) struct RealProbeTests {
    static func tlsCases(_ ports: [String: Int], _ folder: String) -> [(check: String, reason: String)] {
        let tls = { (name: String, more: String) in
            "tls: {port: \(ports[name] ?? 0), caFile: \(folder)/authority.pem, hostname: web.test\(more)}"
        }
        let certificate = { (rule: String) in "assert: [{certificate: {\(rule)}}]" }
        return [
            (tls("good", ""), "ok"),
            (tls("good", "") + ", " + certificate("expiresIn: {critical: \"59d:\"}, name: web.test"), "ok"),
            (tls("good", "") + ", " + certificate("name: a.wild.test, issuer: {contains: authority}"), "ok"),
            (tls("good", "") + ", " + certificate("name: other.test"), "assertion:0"),
            (tls("good", "") + ", " + certificate("name: 127.0.0.1, subject: {contains: good}"), "ok"),
            (tls("soon", "") + ", " + certificate("expiresIn: {critical: \"2d:\"}"), "assertion:0"),
            (tls("soon", ""), "ok"),
            (tls("expired", ""), "tls:expired"),
            (tls("selfsigned", ""), "tls:untrusted"),
            (tls("elsewhere", ""), "tls:hostname"),
            ("tls: {port: \(ports["good"] ?? 0), hostname: web.test}", "tls:untrusted"),
            ("tls: {port: \(ports["good"] ?? 0), caFile: \(folder)/authority.pem}", "ok"),
            ("tls: {port: \(ports["good"] ?? 0), caFile: /nonexistent.pem}", "tls:ca-file"),
            (
                "tls: {port: \(ports["expired"] ?? 0), verify: false}, "
                    + certificate("expiresIn: {critical: \"1d:\"}"), "assertion:0"
            ),
            (
                "tls: {port: \(ports["selfsigned"] ?? 0), verify: false}, " + certificate("subject: {contains: self}"),
                "ok"
            ),
            (tls("old", ", minVersion: \"1.3\""), "tls:version"),
            (tls("old", ""), "ok"),
            (tls("prometheus", ""), "tls"),
            (tls("silent", "") + ", timeout: 300ms", "timeout"),
            ("tls: {port: 1}", "connect"),
            (tls("good", ", requests: 3"), "ok"),
        ]
    }

    static func dnsCases(_ port: Int) -> [(check: String, reason: String)] {
        let dns = { (name: String, type: String) in "dns: {name: \(name), type: \(type), port: \(port)}" }
        let answers = { (rule: String) in ", assert: [{answers: {\(rule)}}]" }
        return [
            (dns("web.test", "A") + answers("equals: 192.0.2.1"), "ok"),
            (dns("WEB.test.", "AAAA") + answers("equals: \"2001:DB8::1\""), "ok"),
            (dns("www.test", "A") + answers("equals: 192.0.2.1"), "ok"),
            (dns("www.test", "CNAME") + answers("equals: web.test"), "ok"),
            (dns("test", "MX") + answers("equals: 10 mail.test"), "ok"),
            (dns("_sip._udp.test", "SRV") + answers("equals: 1 2 5060 mail.test"), "ok"),
            (dns("192.0.2.9", "PTR") + answers("equals: web.test"), "ok"),
            (dns("short.test", "TXT") + answers("equals: onetwo"), "ok"),
            // Over 512 bytes: truncated, then over TCP.
            (dns("long.test", "TXT") + answers("count: {critical: \"9:9\"}"), "ok"),
            (dns("web.test", "A") + answers("equals: 192.0.2.2"), "assertion:0"),
            (dns("web.test", "TXT"), "dns:empty"),
            (dns("none.test", "A"), "dns:rcode"),
            (dns("none.test", "A") + ", assert: [{rcode: NXDOMAIN}]", "ok"),
            ("dns: {name: web.test, port: \(port), transport: tcp}" + answers("contains: 192.0.2.1"), "ok"),
            ("dns: {name: web.test, port: \(port), requests: 5}", "ok"),
            ("dns: {name: web.test, port: 1}", "connect"),
        ]
    }

    static func promqlCases(_ port: Int) -> [(check: String, reason: String)] {
        let promql = { (query: String, range: String) in
            "promql: {url: \"http://127.0.0.1:\(port)\", query: \(query), critical: \"\(range)\"}"
        }
        return [
            (promql("one", "1:1"), "ok"), (promql("scalar", "1:1"), "ok"), (promql("two", "1:1"), "promql:range"),
            (promql("none", "1:1"), "promql:no-data"), (promql("nan", "~:"), "promql:range"),
            (promql("what", "1:1"), "promql:bad_data"),
            ("promql: {url: \"http://localhost:\(port)\", query: one, critical: \"1:\"}", "ok"),
            ("promql: {url: \"http://127.0.0.1:1\", query: one, critical: \"1:\"}", "promql:connect"),
        ]
    }

    @Test func realServers() async throws {
        let servers = try RealProbeServers()
        let transport = try CurlTransport()
        // Without dnsmasq this is a failure and not a skip: scripts/setup installs it.
        let dnsPort = try #require(servers.ports["dns"], "dnsmasq is not installed")
        let cases =
            Self.tlsCases(servers.ports, servers.folder) + Self.dnsCases(dnsPort)
            + Self.promqlCases(servers.ports["prometheus"] ?? 0)
        let list = cases.enumerated().map { "  - {id: c\($0), \($1.check)}" }.joined(separator: "\n")
        // A measurement on which our side fails is not repeated: the clock stands still.
        let text = CheckFileTests.header + "defaults: {consecutiveErrorLimit: 1}\nchecks:\n\(list)\n"
        let runner = CheckRunner(
            clock: ManualClock(epoch: WallTime(milliseconds: Int64(time(nil)) * 1000)), transport: transport,
            controller: ScriptedRunner(), inspector: ScriptedInspector())
        let instance = Instance(
            id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: "127.0.0.1")
        let request = AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: text)],
            phase: .verify, mode: .once, instance: instance, runner: ScriptedRunner(), allowsLoopback: true)
        let results = try await runner.assess(request) { _ in }.results
        try #require(results.count == cases.count, "\(results.first?.reason ?? "")")
        for (result, example) in zip(results, cases) {
            #expect(result.last?.reason == example.reason, "\(example.check): \(result.last?.actual ?? "")")
        }
        await transport.shutdown()
    }

    @Test func cancelledDatagramEndsAtOnce() async throws {
        let silent = DatagramExchange(
            host: "127.0.0.1", port: 9, payload: [0], timeout: .seconds(50), maxResponseBytes: 512,
            isAnswer: { _ in true })
        let task = Task {
            // Port 9 answers with an error at once unless something listens; both ends are fine, hanging is not.
            _ = try await UDPSocketExchange.perform(silent)
        }
        task.cancel()
        let error = await #expect(throws: TransportError.self) { try await task.value }
        #expect([.cancelled, .connect].contains(error?.code))
    }
}
