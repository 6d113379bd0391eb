import CurlTransport
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite struct TLSProbeTests {
    /// The manual clock's wall time in seconds.
    static let now: Int64 = 1_800_000_000

    static func certificate(
        days: Int64 = 30, names: [PeerCertificate.AlternativeName] = [.host("*.example.org"), .address("192.0.2.1")]
    ) -> PeerCertificate {
        PeerCertificate(
            subject: "CN = www.example.org", issuer: "C = US, O = Authority", notBefore: "", notAfter: "Jan 1",
            notAfterEpochSeconds: now + days * 86_400, alternativeNames: names)
    }

    /// Each certificate assertion with what a certificate with 30 days left makes of it.
    static let assertions: [(text: String, outcome: Measurement.Outcome)] = [
        ("expiresIn: {warning: \"14d:\", critical: \"2d:\"}", .ok),
        ("expiresIn: {warning: \"31d:\", critical: \"2d:\"}", .warning),
        ("expiresIn: {critical: \"31d:\"}", .critical),
        ("subject: {equals: CN = www.example.org}", .ok), ("subject: {contains: other}", .critical),
        ("issuer: {matches: \"O = Authority$\"}", .ok), ("issuer: {equals: Authority}", .critical),
        ("name: www.example.org", .ok), ("name: WWW.example.org", .ok), ("name: 192.0.2.1", .ok),
        ("name: example.org", .critical), ("name: a.b.example.org", .critical), ("name: 192.0.2.2", .critical),
        ("name: www.example.org, issuer: {contains: Stranger}", .critical),
        ("expiresIn: {warning: \"31d:\"}, name: www.example.org", .warning),
    ]

    @Test(arguments: assertions) func assertion(_ example: (text: String, outcome: Measurement.Outcome)) async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 0, certificates: [Self.certificate()])))
        let reading = try await read("tls: {}, assert: [{certificate: {\(example.text)}}]", network)
        #expect(reading.outcome == example.outcome)
        #expect(reading.reason == (example.outcome == .ok ? "ok" : "assertion:0"))
    }

    @Test func missingDataIsCritical() async throws {
        let empty = ScriptedNetwork(.success(HTTPResponse(status: 0)))
        for text in ["name: a.b", "subject: {contains: a}", "issuer: {matches: \".+\"}"] {
            let reading = try await read("tls: {}, assert: [{certificate: {\(text)}}]", empty)
            #expect(reading.outcome == .critical)
        }
        let nameless = PeerCertificate(subject: "", issuer: "", notBefore: "", notAfter: "")
        let network = ScriptedNetwork(.success(HTTPResponse(status: 0, certificates: [nameless])))
        for text in ["name: a.b", "subject: {matches: \".+\"}", "expiresIn: {warning: \"1d:\"}"] {
            let reading = try await read("tls: {}, assert: [{certificate: {\(text)}}]", network)
            #expect(reading.outcome == .critical, "\(text)")
        }
    }

    @Test func theCommonNameIsNoName() async throws {
        let certificate = Self.certificate(names: [.other("email:www.example.org")])
        let network = ScriptedNetwork(.success(HTTPResponse(status: 0, certificates: [certificate])))
        let reading = try await read("tls: {}, assert: [{certificate: {name: www.example.org}}]", network)
        #expect(reading.outcome == .critical)
    }

    @Test(arguments: [
        (TransportError.Code.tlsExpired, "tls:expired"), (.tlsUntrusted, "tls:untrusted"),
        (.tlsHostname, "tls:hostname"),
    ]) func refusedCertificateIsNamed(_ example: (code: TransportError.Code, reason: String)) async throws {
        let network = ScriptedNetwork(
            .failure(TransportError(code: example.code, detail: "refused")),
            .success(HTTPResponse(status: 0, certificates: [Self.certificate()])))
        let reading = try await read("tls: {hostname: a.example}", network)
        #expect(reading.outcome == .critical && reading.reason == example.reason)
        #expect(reading.actual.contains("subject \"CN = www.example.org\""))
        let securities = network.exchanges.with { $0.map(\.security) }
        #expect(securities.map { $0?.options.verifiesServer } == [true, false])
        #expect(securities.map { $0?.serverName } == ["a.example", "a.example"])
        let silent = ScriptedNetwork(
            .failure(TransportError(code: example.code, detail: "refused")),
            .failure(TransportError(code: .reset, detail: "reset")))
        #expect(try await read("tls: {}", silent).reason == example.reason)
    }

    @Test func oldVersionIsNamed() async throws {
        let failure = ScriptedNetwork.Answer.failure(TransportError(code: .tls, detail: "handshake"))
        let old = ScriptedNetwork(failure, .success(HTTPResponse(status: 0)))
        #expect(try await read("tls: {minVersion: \"1.3\"}", old).reason == "tls:version")
        #expect(try await read("tls: {minVersion: \"1.3\"}", ScriptedNetwork(failure)).reason == "tls")
        let lenient = ScriptedNetwork(failure, .success(HTTPResponse(status: 0)))
        #expect(try await read("tls: {}", lenient).reason == "tls")
        #expect(lenient.exchanges.with { $0.count } == 1)
    }

    @Test func ourMissingAuthoritiesSayNothingOfTheServer() async throws {
        let network = ScriptedNetwork(.failure(TransportError(code: .tls, detail: "ca.pem", curlCode: 77)))
        let reading = try await read("tls: {caFile: ca.pem}", network)
        #expect(reading.outcome == .unknown && reading.reason == "tls:ca-file")
    }

    @Test func handshakeAlonePasses() async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 0, certificates: [Self.certificate()])))
        #expect(try await read("tls: {port: 8443}", network).outcome == .ok)
        let exchange = try #require(network.exchanges.with { $0.first })
        #expect(exchange.endpoint == .tcp(host: "10.0.0.9", port: 8443) && exchange.finish == .connected)
        #expect(exchange.security?.options.minimumVersion == .tls12)
    }

    private func read(_ text: String, _ network: ScriptedNetwork) async throws -> ProbeReading {
        let check = try ProbeFormatTests.check(text)
        guard case .tls(let tls) = check.kind else { throw TransportError(code: .internal, detail: "no tls check") }
        return await TLSProbe(
            network: network, clock: ManualClock(), check: tls, assertions: check.assertions, address: "10.0.0.9",
            caFile: tls.caFile
        ).read(timeout: .seconds(5))
    }
}
