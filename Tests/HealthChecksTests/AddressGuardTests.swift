import CurlTransport
import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// No check file and no provider's answer leads a request to this machine or to a metadata service.
@Suite(.timeLimit(.minutes(5))) struct AddressGuardTests {
    /// Refused even where loopback is allowed.
    static let never = [
        "169.254.169.254", "169.254.170.2", "169.254.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe",
        "0:0:0:0:0:FFFF:A9FE:A9FE", "::169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", "2002:a9fe:a9fe::", "2002:a9fe:a9fe:1::1",
        "2001:0:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:5601:5601", "2001:db8::5efe:a9fe:a9fe",
        "2001:db8::200:5efe:169.254.169.254", "fe80::1", "febf::1", "FE80::a9fe:a9fe", "fd00:ec2::254",
        "fd00:0ec2:0:0:0:0:0:0254", "fd20:ce::254", "fd00:42::42", "fd00:c1::a9fe:a9fe", "100.100.100.200",
        "::ffff:100.100.100.200", "64:ff9b::100.100.100.200", "192.0.0.192", "168.63.129.16", "0.0.0.0", "0.1.2.3",
        "::", "::ffff:0.0.0.0", "224.0.0.1", "239.1.2.3", "255.255.255.255", "ff02::1",
        // No numeric addresses in the sense of inet_pton, though resolvers understand most of them.
        "2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "0251.0376.0251.0376", "169.254.43518", "169.16689662",
        "127.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "010.0.0.1", "10.0.0.1.", " 10.0.0.1",
        "10.0.0.1 ", "10.0.0.1:80", "[::1]", "fe80::1%lo", "fe80::1%25lo", "2001:db8::1%1", "10.0.0.1\u{0}",
        "10.0.0.1/32", "169\u{3002}254\u{3002}169\u{3002}254", "\u{FF11}0.0.0.1", "localhost", "metadata", "",
    ]

    static let onlyHere = [
        "127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1",
        "64:ff9b::127.0.0.1", "2002:7f00:1::", "::127.0.0.1",
    ]

    static let allowed = [
        "10.0.0.9", "172.16.0.1", "192.168.1.1", "192.0.0.191", "100.100.100.201", "100.64.0.1", "168.63.129.17",
        "169.253.255.255", "169.255.0.1", "126.255.255.255", "128.0.0.1", "1.1.1.1", "223.255.255.255",
        "2001:db8::1", "fd00:ec2::253", "fd00::1", "fec0::1", "fe7f::1", "::ffff:10.0.0.9", "64:ff9b::10.0.0.9",
        "2002:a00:9::1", "2001:db8::5efe:10.0.0.9",
    ]

    @Test func literals() {
        for address in Self.never {
            #expect(AddressGuard.refusal(of: address, allowsLoopback: true) != nil, "\(address)")
        }
        for address in Self.onlyHere {
            #expect(AddressGuard.refusal(of: address, allowsLoopback: false) != nil, "\(address)")
            #expect(AddressGuard.refusal(of: address, allowsLoopback: true) == nil, "\(address)")
        }
        for address in Self.allowed {
            #expect(AddressGuard.refusal(of: address, allowsLoopback: false) == nil, "\(address)")
        }
        #expect(AddressGuard.refusal(of: nil, allowsLoopback: true) != nil)
    }

    static let probes = [
        "http: {LOOP}, assert: [{status: 200}]", "tcp: {port: 1, LOOP}", "tls: {LOOP}", "dns: {name: a.test, LOOP}",
        "any: [{id: m, tcp: {port: 1, LOOP}}]",
    ]

    /// Every kind of probe of the instance asks the guard, and nothing is sent where it refuses.
    @Test(arguments: probes, [false, true]) func everyProbe(_ probe: String, _ isAllowed: Bool) async throws {
        for address in Self.never + Self.onlyHere {
            let isHere = Self.onlyHere.contains(address)
            let network = ScriptedNetwork(.success(HTTPResponse(status: 200)))
            let check = probe.replacing("LOOP", with: "allowLoopback: \(isAllowed)")
            let result = try await assess(check, network, address: address)
            let count =
                network.requests.with { $0.count } + network.exchanges.with { $0.count }
                + network.datagrams.with { $0.count }
            #expect((count > 0) == (isHere && isAllowed), "\(check) at \(address)")
            if count == 0 { #expect(result.verdict == .inconclusive && result.reason.contains("not probed")) }
        }
    }

    @Test(arguments: never.filter { DNSName(reverseOf: $0) != nil }) func serversOfTheFile(_ address: String)
        async throws
    {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 200)))
        _ = try await assess("dns: {name: a.test, server: \"\(address)\", allowLoopback: true}", network)
        let host = address.contains(":") ? "[\(address)]" : address
        let promql = "promql: {url: \"http://\(host)\", query: up, critical: \"1:\", allowLoopback: true}"
        #expect(try await assess(promql, network).verdict == .inconclusive)
        #expect(network.requests.with { $0.isEmpty } && network.datagrams.with { $0.isEmpty })
        #expect(network.exchanges.with { $0.isEmpty })
    }

    /// A command is the author's own, wherever the instance is.
    @Test func commandsAreExempt() async throws {
        let result = CommandResult(termination: .exited(0), output: "OK\n", errorOutput: "")
        let runner = ScriptedRunner(answer: .success(result))
        let network = ScriptedNetwork(nil)
        #expect(
            try await assess("exec: {command: [x]}", network, address: "127.0.0.1", runner: runner).verdict == .pass)
    }

    /// The address that was judged is the one that is dialled, whatever name the file gives, and nothing is followed.
    @Test func pinnedAndNotRedirected() async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 302)))
        _ = try await assess("http: {hostname: 169.254.169.254}, assert: [{status: 200}]", network)
        _ = try await assess("http: {}, assert: [{status: 200}]", network)
        _ = try await assess("tls: {hostname: metadata.test}", network)
        let requests = network.requests.with { $0 }
        #expect(requests.map(\.options.pinnedAddress) == ["10.0.0.9", nil])
        #expect(requests.map(\.url) == ["http://169.254.169.254:80/", "http://10.0.0.9:80/"])
        #expect(requests.allSatisfy { $0.options.followRedirects == 0 && !$0.options.reuseConnection })
        #expect(network.exchanges.with { $0.map(\.endpoint) } == [.tcp(host: "10.0.0.9", port: 443)])
    }

    /// Real sockets: a redirect to another server is handed back, names and other forms of loopback are refused.
    @Test func realNetwork() async throws {
        let server = try LoopbackServer()
        let transport = try CurlTransport()
        for host in ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
            let promql = "promql: {url: \"http://\(host):\(server.port)\", query: up, critical: \"1:\"}"
            let result = try await assess(promql, transport)
            #expect(result.verdict == .inconclusive && result.reason.contains("loopback"), "\(host): \(result.reason)")
            let allowed = promql.dropLast() + ", allowLoopback: true}"
            let asked = try await assess(String(allowed), transport)
            #expect(asked.last?.reason.hasPrefix("promql:status-404") == true, "\(host): \(asked.reason)")
        }
        await transport.shutdown()
    }

    private func assess(
        _ check: String, _ network: any NetworkProbing, address: String = "10.0.0.9",
        runner: ScriptedRunner = ScriptedRunner()
    ) async throws -> CheckResult {
        let text =
            CheckFileTests.header
            + "defaults: {consecutiveErrorLimit: 1, timeout: 2s}\nchecks: [{id: a, \(check)}]\n"
        let checkRunner = CheckRunner(
            clock: ManualClock(), network: network, controller: ScriptedRunner(), inspector: ScriptedInspector())
        let request = AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: text)], phase: .verify, mode: .once,
            instance: Instance(
                id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: address),
            runner: runner, allowsLoopback: false)
        let results = try await checkRunner.assess(request) { _ in }.results
        return try #require(results.first)
    }
}
