import CurlTransport
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite struct PromQLProbeTests {
    private static func success(_ type: String, _ result: String) -> String {
        "{\"status\": \"success\", \"data\": {\"resultType\": \"\(type)\", \"result\": \(result)}}"
    }

    private static func vector(_ values: String...) -> String {
        let elements = values.map { "{\"metric\": {\"instance\": \"a\"}, \"value\": [1800000000.1, \"\($0)\"]}" }
        return success("vector", "[\(elements.joined(separator: ","))]")
    }

    /// Each answer to a query with `warning: ~:5` and `critical: ~:9`.
    static let answers: [(status: Int, body: String, reading: String)] = [
        (200, success("scalar", "[1, \"5\"]"), "ok ok"),
        (200, success("scalar", "[1, \"5.5\"]"), "warning promql:range"),
        (200, success("scalar", "[1, \"1e+01\"]"), "critical promql:range"),
        (200, success("scalar", "[1, \"NaN\"]"), "critical promql:range"),
        (200, success("scalar", "[1, \"+Inf\"]"), "critical promql:range"),
        (200, success("scalar", "[1, 5]"), "critical promql:range"),
        (200, success("scalar", "[]"), "critical promql:range"),
        (200, vector("1"), "ok ok"),
        (200, vector("1", "6", "2"), "warning promql:range"),
        (200, vector("6", "10"), "critical promql:range"),
        (200, vector(), "critical promql:no-data"),
        (200, success("vector", "[{\"metric\": {}}]"), "critical promql:range"),
        (200, success("vector", "[{\"metric\": {}, \"histogram\": [1, {}]}]"), "critical promql:range"),
        (200, success("vector", "null"), "unknown promql:type"),
        (200, success("matrix", "[]"), "unknown promql:type"),
        (200, success("string", "[1, \"5\"]"), "unknown promql:type"),
        (200, "{\"status\": \"success\"}", "unknown promql:type"),
        (200, "", "unknown promql:status-200"),
        (200, "<html>", "unknown promql:status-200"),
        (503, success("scalar", "[1, \"5\"]"), "unknown promql:status-503"),
        (
            400, "{\"status\": \"error\", \"errorType\": \"bad_data\", \"error\": \"parse error\"}",
            "unknown promql:bad_data"
        ),
        (
            422, "{\"status\": \"error\", \"errorType\": \"execution\", \"error\": \"too many samples\"}",
            "unknown promql:execution"
        ),
        (500, "{\"status\": \"error\", \"errorType\": \"made up\"}", "unknown promql:status-500"),
    ]

    @Test(arguments: answers) func answer(_ example: (status: Int, body: String, reading: String)) async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: example.status, body: Array(example.body.utf8))))
        let reading = try await read(network)
        #expect("\(reading.outcome.rawValue) \(reading.reason)" == example.reading)
    }

    @Test func noDataMayBeInconclusiveAndNeverPasses() async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 200, body: Array(Self.vector().utf8))))
        let reading = try await read(network, "onNoData: inconclusive")
        #expect(reading.outcome == .unknown && reading.reason == "promql:no-data")
    }

    @Test func prometheusBeingDownSaysNothing() async throws {
        let network = ScriptedNetwork(.failure(TransportError(code: .connect, detail: "refused")))
        let reading = try await read(network)
        #expect(reading.outcome == .unknown && reading.reason == "promql:connect")
    }

    @Test func queryIsSentWithTheInstance() async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 200, body: Array(Self.vector("1").utf8))))
        _ = try await read(network)
        let request = try #require(network.requests.with { $0.first })
        #expect(request.url == "http://192.0.2.9:9090/p/api/v1/query?query=up%7Binstance%3D%22a%5Cx22b%22%7D")
        #expect(request.options.pinnedAddress == "192.0.2.9")
        #expect(throws: PromQLProbe.MissingValue.self) {
            try PromQLProbe.query("{instance.address}", with: ["instance.id": "i"])
        }
    }

    @Test(arguments: [
        ("169.254.169.254:80", false), ("[fe80::1]:80", false), ("127.0.0.1:80", false), ("192.0.2.1:80", true),
    ])
    func namesAreResolvedOnceAndJudged(_ example: (remote: String, isAsked: Bool)) async throws {
        let connected = HTTPResponse(status: 0, remoteAddress: example.remote)
        let network = ScriptedNetwork(
            .success(connected), .success(HTTPResponse(status: 200, body: Array(Self.vector("1").utf8))))
        let reading = try await read(network, url: "http://prometheus.example/")
        #expect(reading.outcome == (example.isAsked ? .ok : .unknown))
        #expect(network.requests.with { $0.map(\.options.pinnedAddress) } == (example.isAsked ? ["192.0.2.1"] : []))
    }

    private func read(
        _ network: ScriptedNetwork, _ more: String = "onNoData: critical", url: String = "http://192.0.2.9:9090/p/"
    ) async throws -> ProbeReading {
        let text = """
            promql: {url: "\(url)", query: 'up{instance="{instance.name}"}', warning: "~:5", critical: "~:9", \(more)}
            """
        guard case .promql(let check) = try ProbeFormatTests.check(text).kind else {
            throw TransportError(code: .internal, detail: "no promql check")
        }
        let query = try PromQLProbe.query(check.query, with: ["instance.name": "a\"b"])
        return await PromQLProbe(
            network: network, clock: ManualClock(), check: check, query: query, headers: [], caFile: nil,
            allowsLoopback: false
        ).read(timeout: .seconds(5))
    }
}
