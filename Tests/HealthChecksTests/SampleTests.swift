import CurlTransport
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite struct SampleTests {
    /// Totals of 1 to 20 ms, in no order.
    private static let totals = [7, 3, 20, 11, 1, 15, 9, 2, 18, 5, 12, 6, 19, 4, 14, 8, 17, 10, 13, 16]

    /// The values are those of `numpy.quantile(range(1, 21), q, method="inverted_cdf")`.
    @Test(arguments: [(0.05, 1.0), (0.5, 10), (0.51, 11), (0.9, 18), (0.95, 19), (0.951, 20), (0.99, 20)])
    func quantiles(_ example: (quantile: Double, value: Double)) {
        let sample = PhaseSample(Self.totals.map { TransferTimings(total: .milliseconds($0)) })
        #expect(sample.quantile(example.quantile, of: .total) == example.value)
        #expect(PhaseSample([]).quantile(example.quantile, of: .total).isNaN)
    }

    @Test(arguments: [(0.5, 2), (0.9, 10), (0.95, 20), (0.99, 100), (0.999, 1000), (0.1, 2)])
    func requestsThatAQuantileNeeds(_ example: (quantile: Double, count: Int)) throws {
        let thresholds = Thresholds(critical: try ThresholdRange(text: "~:1s", unit: .span))
        let rule = DurationExpectation(phase: .total, thresholds: thresholds, quantile: example.quantile)
        #expect(rule.minimumRequests == example.count)
    }

    @Test(arguments: [
        ("{duration: {quantile: 0.95, critical: \"~:19ms\"}}", "ok"),
        ("{duration: {quantile: 0.95, critical: \"~:18ms\"}}", "assertion:0"),
        ("{duration: {critical: \"~:19ms\"}}", "assertion:0"), ("{duration: {critical: \"~:20ms\"}}", "ok"),
    ]) func severalRequestsAreOneMeasurement(_ example: (assertion: String, reason: String)) async throws {
        let network = Self.network(Self.totals.map { .success(Self.response($0)) })
        let reading = try await read("http: {requests: 20}, assert: [\(example.assertion)]", network)
        #expect(reading.reason == example.reason)
        #expect(reading.phaseMilliseconds["total"] == 10)
        #expect(network.requests.with { $0.count } == 20)
    }

    @Test func oneBadRequestIsABadMeasurement() async throws {
        var answers = Self.totals.map { ScriptedNetwork.Answer.success(Self.response($0)) }
        answers[13] = .success(HTTPResponse(status: 500))
        let reading = try await read("http: {requests: 20}, assert: [{status: 200}]", Self.network(answers))
        #expect(reading.outcome == .critical && reading.actual == "status 500")
        answers[13] = .failure(TransportError(code: .reset, detail: "gone"))
        let broken = try await read("http: {requests: 20}, assert: [{status: 200}]", Self.network(answers))
        #expect(broken.reason == "reset" && broken.actual == "reset: request 14 of 20: gone")
    }

    @Test func requestsShareOneTimeout() async {
        let clock = ManualClock()
        let repeated = RepeatedRequests(count: 20, clock: clock)
        let rests = Guarded<[Span]>([])
        let error = await #expect(throws: TransportError.self) {
            try await repeated.answers(within: .seconds(5)) { (rest: Span) async throws(TransportError) in
                rests.with { $0.append(rest) }
                clock.advance(by: .seconds(2))
                return ProbeAnswer(timings: TransferTimings())
            }
        }
        #expect(error?.detail == "3 of 20 requests were answered within 5s")
        #expect(rests.with { $0 } == [.seconds(5), .seconds(3), .seconds(1)])
    }

    /// Each header assertion with two `Vary` fields and what it makes of them.
    @Test(arguments: [
        ("name: vary, equals: origin", true), ("name: VARY, contains: accept", true),
        ("name: vary, equals: accept", false), ("name: vary, equals: accept, list: true", true),
        ("name: vary, match: all, contains: o", true), ("name: vary, match: all, equals: origin", false),
        ("name: vary, match: all, list: true, matches: \"^[a-z-]+$\"", true),
        ("name: vary, count: {critical: \"2:2\"}", true), ("name: vary, count: {critical: \"3:3\"}", false),
        ("name: vary, list: true, count: {critical: \"3:3\"}", true),
        ("name: none, match: all, contains: a", false), ("name: none, count: {critical: \"1:\"}", false),
        ("name: none, count: {critical: \"0:0\"}", true),
    ]) func headers(_ example: (text: String, holds: Bool)) async throws {
        let headers = ["accept, accept-encoding", "origin"].map { HTTPHeader(name: "Vary", value: $0) }
        let network = Self.network([.success(HTTPResponse(status: 200, headers: headers))])
        let reading = try await read("http: {}, assert: [{header: {\(example.text)}}]", network)
        #expect(reading.outcome == (example.holds ? .ok : .critical))
    }

    @Test func listsAreTakenApart() {
        #expect(HeaderExpectation.elements("a, \"b, c\" ,, d\\,e,\t") == ["a", "\"b, c\"", "d\\", "e"])
        #expect(HeaderExpectation.elements("\"a\\\", b\", c") == ["\"a\\\", b\"", "c"])
        #expect(HeaderExpectation.elements(" ,") == [])
    }

    private static func response(_ milliseconds: Int) -> HTTPResponse {
        HTTPResponse(status: 200, timings: TransferTimings(total: .milliseconds(milliseconds)))
    }

    private static func network(_ answers: [ScriptedNetwork.Answer]) -> ScriptedNetwork {
        ScriptedNetwork(list: answers)
    }

    private func read(_ text: String, _ network: ScriptedNetwork) async throws -> ProbeReading {
        let check = try ProbeFormatTests.check(text)
        guard case .http(let http) = check.kind else { throw TransportError(code: .internal, detail: "no http check") }
        return await HTTPProbe(
            network: network, clock: ManualClock(), check: http, assertions: check.assertions, address: "10.0.0.9",
            headers: [], caFile: nil
        ).read(timeout: .seconds(5))
    }
}
