import CurlTransport
import Documents
import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// What is recorded is what was judged, and a replay judges the same.
@Suite("Recording and replay", .timeLimit(.minutes(5))) struct ReplayTests {
    static let timing = """
        interval: 1s, startupGrace: 0s, successThreshold: 2, failureThreshold: 2, stableFor: 3s, deadline: 20s, \
        consecutiveErrorLimit: 3
        """
    static let secret = "hunter2-of-the-shop"

    let clock = ManualClock()

    @Test("A run that passes after failures")
    func passes() async throws {
        let network = ScriptedNetwork(
            .failure(TransportError(code: .connect, detail: "refused", timings: .init(total: .microseconds(700)))),
            .success(Self.response(200, after: 4.25)), .success(Self.response(503, after: 17.001)),
            .success(Self.response(200, after: 2)))
        let cassette = try await record(network, "{id: web, http: {}, assert: [{status: 200}]}")
        #expect(cassette.assessment.verdict == .pass)
        try await expectSame(cassette)
    }

    @Test("A run that fails")
    func fails() async throws {
        let cassette = try await record(
            ScriptedNetwork(.success(Self.response(500, after: 1))), "{id: web, http: {}, assert: [{status: 200}]}")
        #expect(cassette.assessment.verdict == .fail)
        try await expectSame(cassette)
    }

    @Test("A probe that hangs until the deadline cuts it off")
    func cutOff() async throws {
        let network = ScriptedNetwork(.success(Self.response(200, after: 1)), nil)
        async let recording = record(
            network, "{id: web, http: {}, assert: [{status: 200}], stableFor: 10s}", drives: false)
        // The timer and the pause between the two measurements; then the timer alone, with the second one under way.
        try await clock.waitForSleepers(2)
        clock.advanceToNextSleeper()
        while network.requests.with({ $0.count }) < 2 { await Task.yield() }
        clock.advanceToNextSleeper()
        let cassette = try await recording
        #expect(cassette.assessment.verdict == .inconclusive)
        #expect(cassette.assessment.results.first?.reason == "not healthy for long enough at the deadline of 20s")
        #expect(cassette.places["web/web"]?.answers.last?.isBrokenOff == true)
        try await expectSame(cassette)
    }

    @Test("Groups, commands, inspections and questions to DNS servers")
    func everyKind() async throws {
        let network = ScriptedNetwork(.success(Self.response(200, body: "ok")))
        var answering = network
        answering.respond = { exchange in
            let reply = DNSReply(records: [DNSReply.a(192, 0, 2, 7)]).message(to: exchange.payload)
            return .success(DatagramResult(received: reply, timings: .init(total: .milliseconds(3))))
        }
        let command = CommandResult(termination: .exited(0), output: "DISK OK | used=3", errorOutput: "")
        let checks = [
            "{id: a, all: [{id: x, http: {}, assert: [{status: 200}]}, {id: y, exec: {runOn: controller, command: [c]}}]}",
            "{id: a, exec: {command: [c]}}",
            "{id: a, patched: {failedUnits: allow, cloudInit: allow, staleServices: allow, endOfLife: allow}}",
            "{id: a, dns: {name: example.org}}",
            "{id: a, tcp: {port: 1, send: PING, expect: ok}}",
        ]
        for check in checks {
            let cassette = try await record(answering, check, runner: ScriptedRunner(answer: .success(command)))
            #expect(cassette.assessment.verdict == .pass, "\(check): \(cassette.assessment.summary)")
            try await expectSame(cassette)
        }
    }

    @Test("Our own failures, and checks that cannot be run at all")
    func failuresOfOurs() async throws {
        let checks = [
            "{id: a, exec: {command: [c]}}", "{id: a, tcp: {port: 1, send: \"${env:NONE}\"}}",
            "{id: a, patched: {}}",
        ]
        let broken = ScriptedInspector(answer: .failure(PatchInspectionError(.locked, detail: "locked")))
        for check in checks {
            let cassette = try await record(ScriptedNetwork(nil), check, inspector: broken)
            #expect(cassette.assessment.verdict == .inconclusive, "\(check)")
            try await expectSame(cassette)
        }
    }

    @Test("Two hundred runs with answers at random", arguments: [UInt64(1), 2, 3, 4])
    func random(_ seed: UInt64) async throws {
        var random = SeededRandom(seed)
        var verdicts: Set<CheckResult.Verdict> = []
        for _ in 0..<50 {
            let answers = (0..<Int.random(in: 1...12, using: &random)).map { _ -> ScriptedNetwork.Answer in
                let after = Double.random(in: 0.001...900, using: &random)
                switch Int.random(in: 0..<8, using: &random) {
                case 0: return .failure(TransportError(code: .connect, detail: "refused"))
                case 1: return .failure(TransportError(code: .internal, detail: "ours"))
                case 2: return .success(Self.response(500, after: after))
                case 3: return .success(Self.response(200, after: after, body: "\u{1}\u{7F}é\(after)"))
                default: return .success(Self.response(200, after: after))
                }
            }
            let check = """
                {id: web, http: {}, assert: [{status: 200}, {duration: {warning: "~:600", critical: "~:800"}}]}
                """.replacing("\"~:600\"", with: "\"~:600ms\"").replacing("\"~:800\"", with: "\"~:800ms\"")
            let cassette = try await ReplayTests().record(ScriptedNetwork(list: answers), check)
            verdicts.insert(cassette.assessment.verdict)
            try await expectSame(cassette)
        }
        #expect(verdicts.count >= 3, "the answers make too few kinds of verdict: \(verdicts)")
    }

    @Test("Bytes that are no text, secrets and cookies")
    func redaction() async throws {
        let body = [0xFF, 0x00] + Array(Self.secret.utf8) + [0xFE]
        let response = HTTPResponse(
            status: 200,
            headers: [
                HTTPHeader(name: "Set-Cookie", value: "session=abcdef0123; HttpOnly"),
                HTTPHeader(name: "x-echo", value: "you said \(Self.secret)"),
            ], body: body)
        let check = """
            {id: web, http: {headers: {authorization: "${env:TOKEN}"}}, assert: [{status: 200},
             {header: {name: set-cookie, matches: HttpOnly}}, {body: {contains: nothing}}]}
            """
        let cassette = try await record(ScriptedNetwork(.success(response)), check)
        #expect(cassette.assessment.verdict == .fail)
        #expect(cassette.assessment.results.first?.last?.reason == "assertion:2")
        let text = String(decoding: try encoded(cassette), as: UTF8.self)
        #expect(!text.contains(Self.secret) && !text.contains("abcdef0123"))
        #expect(!text.contains(Self.secret.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()))
        #expect(text.contains("HttpOnly") && text.contains("${env:TOKEN}"))
        try await expectSame(cassette)
    }

    @Test("Changed check files judge the recorded answers anew")
    func changed() async throws {
        let network = ScriptedNetwork(.success(Self.response(204, after: 1)))
        let cassette = try await record(network, "{id: web, http: {}, assert: [{status: 204}]}")
        let stricter = try await CheckRunner.replay(
            cassette, documents: [document("{id: web, http: {}, assert: [{status: 200}]}")])
        #expect(stricter.verdict == .fail)
        #expect(stricter.results.first?.last?.actual == "status 204")
        let longer = try await CheckRunner.replay(
            cassette, documents: [document("{id: web, http: {}, assert: [{status: 204}], stableFor: 10s}")])
        #expect(longer.verdict == .inconclusive)
        #expect(longer.results.first?.reason == "the recording ends before there is a verdict")
        let other = try await CheckRunner.replay(cassette, documents: [document("{id: web, exec: {command: [c]}}")])
        #expect(other.verdict == .inconclusive)
        let unknown = try await CheckRunner.replay(
            cassette, documents: [document("{id: new, http: {}, assert: [{status: 204}]}")])
        #expect(unknown.verdict == .inconclusive)
    }

    @Test("What is no recording is refused", arguments: ["", "{}", "[]", "{\"format\":\"changeover-cassette/9\"}"])
    func refused(_ text: String) {
        #expect(throws: DocumentErrors.self) { try Cassette(bytes: Array(text.utf8), path: "a.json") }
    }
}

extension ReplayTests {
    static func response(_ status: Int, after milliseconds: Double = 1, body: String = "") -> HTTPResponse {
        let total = Duration.nanoseconds(Int64(milliseconds * 1_000_000))
        return HTTPResponse(
            status: status, body: Array(body.utf8), timings: TransferTimings(firstByte: total / 2, total: total))
    }

    private func document(_ check: String) -> CheckDocument {
        CheckDocument(
            path: "web.yaml", text: CheckFileTests.header + "defaults: {\(Self.timing)}\nchecks: [\(check)]\n")
    }

    private func record(
        _ network: ScriptedNetwork, _ check: String, runner: ScriptedRunner = ScriptedRunner(),
        inspector: ScriptedInspector = ScriptedInspector(), drives: Bool = true
    ) async throws -> Cassette {
        let request = AssessmentRequest(
            documents: [document(check)], phase: .verify, mode: .untilVerdict,
            instance: Instance(
                id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: "10.0.0.9",
                tags: ["password": Self.secret]), runner: runner, allowsLoopback: false)
        let secrets = SecretResolver(environment: { ["TOKEN": Self.secret][$0] }, file: { _ in nil })
        let checkRunner = CheckRunner(
            clock: clock, network: network, controller: runner, inspector: inspector, secrets: secrets)
        let driver = Task { [clock] in
            while drives {
                try await clock.waitForSleepers(2)
                clock.advanceToNextSleeper()
            }
        }
        defer { driver.cancel() }
        return try await checkRunner.record(request) { _ in }
    }

    private func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// Stores the recording, reads it back, and replays it twice.
    private func expectSame(_ cassette: Cassette) async throws {
        let stored = try Cassette(bytes: [UInt8](encoded(cassette)), path: "a.json")
        #expect(stored == cassette)
        for _ in 0..<2 {
            let replayed = try await CheckRunner.replay(stored)
            #expect(try encoded(replayed) == encoded(cassette.assessment))
        }
    }
}
