import CurlTransport
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite struct GroupProbeTests {
    private struct FixedProbe: Probe {
        var reading: ProbeReading

        func read(timeout: Span) async -> ProbeReading { reading }
    }

    /// Members' outcomes, one letter each (`o` ok, `w` warning, `u` unknown, `c` critical), with those of `all` and `any`.
    static let table = [
        "o o o", "w w w", "u u u", "c c c", "oo o o", "ow w o", "ou u o", "oc c o", "wu u w", "wc c w", "uc c u",
        "owuc c o",
        "wuc c w", "oow w o", "uu u u", "cc c c", "cuw c w",
    ]
    static let letters: [Character: Measurement.Outcome] = ["o": .ok, "w": .warning, "u": .unknown, "c": .critical]

    @Test(arguments: table) func combination(_ row: String) async throws {
        let words = row.split(separator: " ")
        for letters in [Array(words[0]), Array(words[0].reversed())] {
            for (rule, expected) in [(CheckGroup.Rule.all, words[1]), (.any, words[2])] {
                let outcomes = letters.compactMap { Self.letters[$0] }
                let members = outcomes.enumerated().map { index, outcome in
                    GroupProbe.Member(
                        id: "m\(index)", probe: FixedProbe(reading: .init(outcome: outcome, reason: outcome.rawValue)))
                }
                let reading = await GroupProbe(rule: rule, members: members, clock: ManualClock())
                    .read(timeout: .seconds(1))
                let wanted = try #require(expected.first.flatMap { Self.letters[$0] })
                #expect(reading.outcome == wanted)
                let first = try #require(outcomes.firstIndex(of: wanted))
                #expect(reading.reason == (wanted == .ok ? "ok" : "member:m\(first):\(wanted.rawValue)"))
                #expect(members.allSatisfy { reading.actual.contains("\($0.id) ") })
            }
        }
    }

    @Test func noMembersNeverPass() {
        #expect(GroupProbe.combined([], by: .all).outcome == .critical)
        #expect(GroupProbe.combined([], by: .any).outcome == .critical)
    }

    @Test func oneCheckInTheResults() async throws {
        let text =
            CheckFileTests.header + """
                checks:
                  - id: either
                    any:
                      - {id: web, http: {port: 8080}, assert: [{status: 200}]}
                      - {id: plugin, exec: {command: [x]}}
                  - id: both
                    all:
                      - {id: web, http: {port: 8080}, assert: [{status: 200}]}
                      - {id: plugin, exec: {command: [x]}}
                """
        let runner = ScriptedRunner(
            answer: .success(CommandResult(termination: .exited(0), output: "OK\n", errorOutput: "")))
        let checkRunner = CheckRunner(
            clock: ManualClock(), network: ScriptedNetwork(.success(HTTPResponse(status: 503))),
            controller: ScriptedRunner(), inspector: ScriptedInspector())
        let instance = Instance(
            id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: "10.0.0.9")
        let request = AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: text)], phase: .verify, mode: .once, instance: instance,
            runner: runner, allowsLoopback: false)
        let results = try await checkRunner.assess(request) { _ in }.results
        #expect(results.map(\.check.rawValue) == ["web/either", "web/both"])
        #expect(results.map(\.verdict) == [.pass, .fail])
        #expect(results.last?.last?.reason == "member:web:assertion:0")
        #expect(
            results.last?.last?.actual == "web critical: assertion:0, status 503; plugin ok: exit code 0: OK")
    }
}
