import CurlTransport
import Documents
import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite(.timeLimit(.minutes(5))) struct ComparisonReplayTests {
    /// What the replacement gives, and how the recorded run ends.
    static let runs: [(name: String, keys: String, verdict: CheckResult.Verdict)] = [
        ("equal", "timeout: 2s", .pass), ("slower", "timeout: 2s", .fail), ("silent", "timeout: 2s", .fail),
        ("hanging", "deadline: 1m", .inconclusive), ("equal", "deadline: 50s", .pass),
    ]

    @Test(arguments: runs) func replayGivesTheSameBytes(
        _ run: (name: String, keys: String, verdict: CheckResult.Verdict)
    ) async throws {
        let clock = ManualClock()
        let network = TwoSides(original: ComparisonCheckRunTests.usual) { number in
            switch run.name {
            case "equal": TwoSides.answer(TwoSides.usual(number))
            case "slower": TwoSides.answer(TwoSides.usual(number) * 1.5)
            case "silent": number == 0 ? TwoSides.answer(50) : TwoSides.refused
            default: number < 30 ? TwoSides.answer(50) : nil
            }
        }
        let driver = Task {
            while true {
                try await clock.waitForSleepers(1)
                await Task.yield()
                if network.isWaiting.with({ $0 }) || clock.sleeperCount > 1 { clock.advanceToNextSleeper() }
            }
        }
        defer { driver.cancel() }
        let runner = CheckRunner(
            clock: clock, network: network, controller: ScriptedRunner(), inspector: ScriptedInspector())
        let cassette = try await runner.record(Self.request(run.keys)) { _ in }
        #expect(cassette.assessment.results.map(\.verdict) == [run.verdict])
        let replayed = try await CheckRunner.replay(cassette)
        #expect(try Self.bytes(replayed) == Self.bytes(cassette.assessment))
        #expect(replayed.results.first?.comparison != nil)
    }

    @Test func withoutAnOriginalTheReplayIsTheSame() async throws {
        let clock = ManualClock()
        let network = TwoSides(original: ComparisonCheckRunTests.usual, replacement: ComparisonCheckRunTests.usual)
        let runner = CheckRunner(
            clock: clock, network: network, controller: ScriptedRunner(), inspector: ScriptedInspector())
        var request = Self.request("timeout: 2s")
        request.original = nil
        let cassette = try await runner.record(request) { _ in }
        let replayed = try await CheckRunner.replay(cassette)
        #expect(replayed.results.first?.last?.reason == "compare:no-original")
        #expect(try Self.bytes(replayed) == Self.bytes(cassette.assessment))
    }

    private static func request(_ keys: String) -> AssessmentRequest {
        let text =
            CheckFileTests.header + """
                checks:
                - {id: ready, http: {port: 80}, assert: [{status: 200}], phase: [rollback]}
                - {id: same, compare: {probe: ready, samples: {min: 200, max: 400}}, \(keys)}
                """
        return AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: text)], phase: .verify, mode: .untilVerdict,
            instance: ComparisonCheckRunTests.instance("i-2", TwoSides.replacementAddress),
            original: ComparisonCheckRunTests.instance("i-1", TwoSides.originalAddress), runner: ScriptedRunner(),
            allowsLoopback: false)
    }

    private static func bytes(_ assessment: HealthAssessment) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try encoder.encode(assessment)
    }
}
