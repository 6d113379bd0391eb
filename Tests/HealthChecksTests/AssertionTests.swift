import CurlTransport
import Documents
import Testing
import Workflow

@testable import HealthChecks

@Suite struct AssertionTests {
    static let now = WallTime(milliseconds: 1_800_000_000_000)

    /// Every one of these has something missing or of the wrong kind, and must be critical.
    static let missing: [(assertion: String, body: String)] = [
        ("{json: {path: $.status, equals: UP}}", ""),
        ("{json: {path: $.status, equals: UP}}", "{}"),
        ("{json: {path: $.status, equals: UP}}", "null"),
        ("{json: {path: $.status, equals: UP}}", "[]"),
        ("{json: {path: $.status, equals: UP}}", "{\"status\": null}"),
        ("{json: {path: $.status, equals: UP}}", "{\"status\": [\"UP\"]}"),
        ("{json: {path: $.status, equals: UP}}", "{\"status\": \"up\"}"),
        ("{json: {path: $.status, equals: UP}}", "{\"status\": \"UP\"} x"),
        ("{json: {path: $.status, equals: UP}}", "{\"status\": \"UP\", \"status\": \"DOWN\"}"),
        ("{json: {path: $.n, equals: 1}}", "{\"n\": \"1\"}"),
        ("{json: {path: $.n, equals: \"1\"}}", "{\"n\": 1}"),
        ("{json: {path: $.n, equals: true}}", "{\"n\": 1}"),
        ("{json: {path: $.n, equals: null}}", "{}"),
        ("{json: {path: $.n, exists: true}}", "{\"n\": null}"),
        ("{json: {path: $.n, exists: true}}", ""),
        ("{json: {path: $.n, exists: false}}", ""),
        ("{json: {path: $.n, exists: false}}", "<html>"),
        ("{json: {path: $.n, warning: \"~:5\"}}", "{}"),
        ("{json: {path: $.n, warning: \"~:5\"}}", "{\"n\": null}"),
        ("{json: {path: $.n, warning: \"~:5\"}}", "{\"n\": \"3\"}"),
        ("{json: {path: $.n, critical: \"@10:\"}}", "{\"n\": false}"),
        ("{body: {contains: ok}}", ""),
        ("{body: {matches: \"^ok$\"}}", "not ok"),
        ("{header: {name: x-missing, exists: true}}", "x"),
        ("{header: {name: content-type, equals: text/plain}}", "x"),
        ("{status: 204}", "x"),
    ]

    @Test(arguments: missing) func missingIsCritical(_ example: (assertion: String, body: String)) throws {
        let reading = try reading(example.assertion, HTTPResponse(status: 200, body: Array(example.body.utf8)))
        #expect(reading.outcome == .critical)
        #expect(reading.reason == "assertion:0")
        #expect(!reading.actual.isEmpty && !reading.expected.isEmpty)
    }

    @Test(arguments: [
        ("{json: {path: $.n, warning: \"~:5\", critical: \"~:9\"}}", Measurement.Outcome.ok, "{\"n\": 5}"),
        ("{json: {path: $.n, warning: \"~:5\", critical: \"~:9\"}}", .warning, "{\"n\": 5.1}"),
        ("{json: {path: $.n, warning: \"~:5\", critical: \"~:9\"}}", .critical, "{\"n\": 1e1}"),
        ("{json: {path: $.n, exists: false}}", .ok, "{\"n\": null}"),
        ("{json: {path: $.n, equals: null}}", .ok, "{\"n\": null}"),
        ("{json: {path: \"$[0].a\", equals: yes}}", .ok, "[{\"a\": \"yes\"}]"),
        ("{body: {matches: \"v[0-9]+\"}}", .ok, "at v12"),
        ("{header: {name: Content-Type, matches: \"^text/\"}}", .ok, ""),
        ("{duration: {warning: \"~:200ms\", critical: \"~:1s\"}}", .warning, ""),
        ("{duration: {phase: connect, critical: \"~:10ms\"}}", .ok, ""),
        ("{duration: {phase: transfer, critical: \"~:10ms\"}}", .critical, ""),
    ]) func outcomes(_ example: (assertion: String, outcome: Measurement.Outcome, body: String)) throws {
        let response = HTTPResponse(
            status: 200, headers: [HTTPHeader(name: "content-type", value: "text/html")],
            body: Array(example.body.utf8),
            timings: TransferTimings(connect: .milliseconds(5), tls: .milliseconds(5), total: .milliseconds(300)))
        #expect(try reading(example.assertion, response).outcome == example.outcome)
    }

    @Test(
        arguments: [(30, Measurement.Outcome.ok), (10, .warning), (1, .critical), (-1, .critical), (nil, .critical)]
            as [(Int64?, Measurement.Outcome)])
    func certificate(_ example: (days: Int64?, outcome: Measurement.Outcome)) throws {
        let expiry = example.days.map { Self.now.milliseconds / 1000 + $0 * 86_400 }
        let certificate = PeerCertificate(
            subject: "", issuer: "", notBefore: "", notAfter: "", notAfterEpochSeconds: expiry)
        let response = HTTPResponse(status: 200, certificates: [certificate])
        let assertion = "{certificate: {expiresIn: {warning: \"14d:\", critical: \"2d:\"}}}"
        #expect(try reading(assertion, response).outcome == example.outcome)
        #expect(try reading(assertion, HTTPResponse(status: 200)).outcome == .critical)
    }

    @Test func theWorstDecides() throws {
        let assertions = "{duration: {warning: \"5s:\"}}, {status: 200}, {status: 201}, {status: 202}"
        let reading = try reading(assertions, HTTPResponse(status: 200))
        #expect(reading.reason == "assertion:2")
        #expect(reading.outcome == .critical)
    }

    private func reading(_ assertions: String, _ response: HTTPResponse) throws -> ProbeReading {
        let line = "checks: [{id: a, http: {scheme: https}, assert: [\(assertions)]}]"
        let file = try CheckFile.decode(DocumentParser.parse(text: CheckFileTests.header + line, path: "f"))
        let check = try #require(file.checks.first)
        return AssertionJudge(now: Self.now).reading(of: check.assertions, in: ProbeAnswer(response))
    }
}
