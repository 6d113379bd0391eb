import CurlTransport
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite struct DNSProbeTests {
    static let one = DNSReply.a(192, 0, 2, 1)
    static let two = DNSReply.a(192, 0, 2, 2)

    /// Each answer to `A www.example.org` with assertions and what they make of it.
    static let readings: [(reply: DNSReply, assertions: String, reading: String)] = [
        (DNSReply(records: [one]), "", "ok ok"),
        (DNSReply(), "", "critical dns:empty"),
        (DNSReply(), "{rcode: NOERROR}", "critical dns:empty"),
        (DNSReply(), "{answers: {count: {critical: \"0:0\"}}}", "ok ok"),
        (DNSReply(responseCode: 3), "", "critical dns:rcode"),
        (DNSReply(responseCode: 2), "{answers: {count: {critical: \"0:0\"}}}", "critical dns:rcode"),
        (DNSReply(responseCode: 3), "{rcode: NXDOMAIN}", "ok ok"),
        (DNSReply(responseCode: 3), "{rcode: [NOERROR, REFUSED]}", "critical assertion:0"),
        (DNSReply(records: [one]), "{rcode: NXDOMAIN}", "critical assertion:0"),
        (DNSReply(records: [one, two]), "{answers: {contains: 192.0.2.2}}", "ok ok"),
        (DNSReply(records: [one, two]), "{answers: {contains: [192.0.2.2, 192.0.2.3]}}", "critical assertion:0"),
        (DNSReply(records: [one, two]), "{answers: {equals: [192.0.2.2, 192.0.2.1]}}", "ok ok"),
        (DNSReply(records: [one, two]), "{answers: {equals: 192.0.2.1}}", "critical assertion:0"),
        (DNSReply(), "{answers: {equals: 192.0.2.1}}", "critical assertion:0"),
        (DNSReply(records: [one]), "{answers: {count: {warning: \"2:\", critical: \"1:\"}}}", "warning assertion:0"),
        (DNSReply(records: [one]), "{duration: {critical: \"~:4ms\"}}", "critical assertion:0"),
        (DNSReply(records: [one]), "{duration: {critical: \"~:5ms\"}}", "ok ok"),
    ]

    @Test(arguments: readings.indices) func reading(_ index: Int) async throws {
        let example = Self.readings[index]
        var network = ScriptedNetwork(nil)
        network.respond = { [reply = example.reply] in Self.received(reply, $0) }
        let line = example.assertions.isEmpty ? "" : ", assert: [\(example.assertions)]"
        let reading = try await read("dns: {name: www.example.org}\(line)", network)
        #expect("\(reading.outcome.rawValue) \(reading.reason)" == example.reading)
        #expect(reading.phaseMilliseconds["total"] == 5)
        let asked = network.datagrams.with { $0 }
        #expect(asked.map(\.host) == ["10.0.0.9"] && asked.map(\.port) == [53])
    }

    @Test func lostDatagramsAreSentAgain() async throws {
        var network = ScriptedNetwork(nil)
        let count = Guarded(0)
        network.respond = { exchange in
            let number = count.with { count in
                count += 1
                return count
            }
            if number < 3 { return .failure(TransportError(code: .timeout, detail: "lost")) }
            return Self.received(DNSReply(records: [Self.one]), exchange)
        }
        #expect(try await read("dns: {name: www.example.org}", network).outcome == .ok)
        #expect(count.with { $0 } == 3)
        network.respond = { _ in .failure(TransportError(code: .timeout, detail: "lost")) }
        #expect(try await read("dns: {name: www.example.org}", network).reason == "timeout")
        network.respond = { _ in .failure(TransportError(code: .connect, detail: "refused")) }
        let before = network.datagrams.with { $0.count }
        #expect(try await read("dns: {name: www.example.org}", network).reason == "connect")
        #expect(network.datagrams.with { $0.count } == before + 1)
    }

    @Test func truncatedAnswerIsAskedForOverTCP() async throws {
        let query = try DNSMessageTests.question().message
        let whole = DNSReply(records: [Self.one, Self.two]).message(to: query)
        var network = ScriptedNetwork(
            .success(HTTPResponse(status: 200, body: DNSReply.number(UInt16(whole.count)) + whole)))
        network.respond = { Self.received(DNSReply(isTruncated: true), $0) }
        let two = "assert: [{answers: {count: {critical: \"2:2\"}}}]"
        let check = "dns: {name: www.example.org, server: 192.0.2.53, port: 5353}, \(two)"
        #expect(try await read(check, network).outcome == .ok)
        let exchange = try #require(network.exchanges.with { $0.first })
        #expect(exchange.endpoint == .tcp(host: "192.0.2.53", port: 5353))
        #expect(exchange.finish == .lengthPrefixed)
        #expect(exchange.send == DNSReply.number(UInt16(query.count)) + query)
        let tcp = "dns: {name: www.example.org, transport: tcp}, \(two)"
        let before = network.datagrams.with { $0.count }
        #expect(try await read(tcp, network).outcome == .ok)
        #expect(network.datagrams.with { $0.count } == before)
    }

    @Test func strangersAnswersAreNotAccepted() async throws {
        var network = ScriptedNetwork(nil)
        network.respond = { Self.received(DNSReply(records: [Self.one]) { $0[1] ^= 1 }, $0) }
        #expect(try await read("dns: {name: www.example.org}", network).reason == "timeout")
        let query = try DNSMessageTests.question().message
        let wrong = DNSReply(records: [Self.one]) { $0[1] ^= 1 }.message(to: query)
        let tcp = ScriptedNetwork(.success(HTTPResponse(status: 200, body: [0, UInt8(wrong.count)] + wrong)))
        let reading = try await read("dns: {name: www.example.org, transport: tcp}", tcp)
        #expect(reading.reason == "protocol" && reading.outcome == .critical)
    }

    @Test func numbersDiffer() async throws {
        let check = DNSCheck(name: try #require(DNSName(text: "a.b")), type: .a)
        let probe = DNSProbe(
            network: ScriptedNetwork(nil), clock: ManualClock(), check: check, assertions: [], address: "10.0.0.9")
        // 50 equal numbers by chance: once in 65536 to the power of 49.
        #expect(Set((0..<50).map { _ in probe.makeID() }).count > 1)
    }

    /// A network delivers what the exchange accepts, after 5 ms, and nothing else.
    private static func received(
        _ reply: DNSReply, _ exchange: DatagramExchange
    ) -> Result<DatagramResult, TransportError> {
        let bytes = reply.message(to: exchange.payload)
        guard exchange.isAnswer(bytes) else { return .failure(TransportError(code: .timeout, detail: "no answer")) }
        let timings = TransferTimings(firstByte: .milliseconds(5), total: .milliseconds(5))
        return .success(DatagramResult(received: bytes, timings: timings))
    }

    private func read(_ text: String, _ network: ScriptedNetwork) async throws -> ProbeReading {
        let check = try ProbeFormatTests.check(text)
        guard case .dns(let dns) = check.kind else { throw TransportError(code: .internal, detail: "no dns check") }
        let probe = DNSProbe(
            network: network, clock: ManualClock(), check: dns, assertions: check.assertions,
            address: dns.server ?? "10.0.0.9", makeID: { 0x1234 })
        return await probe.read(timeout: .seconds(3))
    }
}
