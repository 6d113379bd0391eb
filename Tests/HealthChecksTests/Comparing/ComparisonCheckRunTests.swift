import CurlTransport
import Documents
import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite(.timeLimit(.minutes(5))) struct ComparisonCheckRunTests {
    typealias Script = @Sendable (Int) -> TwoSides.Answer?

    static let usual: Script = { TwoSides.answer(TwoSides.usual($0)) }
    let clock = ManualClock()

    @Test func alikePassesAfterAllSamplesWithAllFigures() async throws {
        let network = TwoSides(original: Self.usual, replacement: Self.usual)
        let result = try await result(network)
        #expect(result.verdict == .pass && result.isEnforced)
        #expect(result.last?.reason == "ok" && result.last?.outcome == .ok)
        #expect(result.reason.hasPrefix("no regression that is significant and great enough to count"))
        // One pair ends the grace and does not count.
        #expect(result.measurementCount == 2 * 401)
        #expect(clock.monotonicMilliseconds() == 400 * 200)
        let figures = try #require(result.comparison)
        #expect(figures.original.probes == 400 && figures.replacement.probes == 400)
        #expect(figures.findings.map(\.measure) == ["latency", "tail", "errors"])
        #expect(figures.findings.allSatisfy { !$0.isSignificant && (0...1).contains($0.pValue) })
        #expect(figures.original.medianMilliseconds == result.last?.phaseMilliseconds["original"])
        #expect(clock.sleeperCount == 0)
    }

    @Test func sidesTakeTurnsInAnOrderThatChangesAndRepeats() async throws {
        let first = TwoSides(original: Self.usual, replacement: Self.usual)
        _ = try await result(first)
        let asked = first.asked.with { $0 }
        let pairs = stride(from: 0, to: asked.count, by: 2).map { Array(asked[$0..<$0 + 2]) }
        #expect(pairs.allSatisfy { $0[0] != $0[1] })
        let originalFirst = pairs.count { $0[0] }
        #expect((150...250).contains(originalFirst))
        let second = TwoSides(original: Self.usual, replacement: Self.usual)
        _ = try await result(second)
        #expect(second.asked.with { $0 } == asked)
        let other = TwoSides(original: Self.usual, replacement: Self.usual)
        _ = try await result(other, id: "other")
        #expect(other.asked.with { $0 } != asked)
    }

    @Test func bothSidesGetTheSameRequestOnNewConnections() async throws {
        let network = TwoSides(original: Self.usual, replacement: Self.usual)
        _ = try await result(
            network, ready: "http: {port: 81, path: /h, hostname: web.example, requests: 3, headers: {X: a}}")
        let requests = network.requests.with { $0 }
        #expect(requests.count == 802)
        #expect(Set(requests.map(\.url)) == ["http://web.example:81/h"])
        #expect(Set(requests.map(\.options.pinnedAddress)) == [TwoSides.originalAddress, TwoSides.replacementAddress])
        #expect(requests.allSatisfy { !$0.options.reuseConnection && $0.headers.map(\.value) == ["a"] })
    }

    @Test func slowerFailsAtTheFirstLook() async throws {
        let network = TwoSides(original: Self.usual) { TwoSides.answer(TwoSides.usual($0 + 500) * 1.3) }
        let result = try await result(network)
        #expect(result.verdict == .fail)
        #expect(result.last?.reason == "compare:latency" && result.last?.outcome == .critical)
        #expect(result.measurementCount == 2 * 201)
        #expect(result.reason.hasPrefix("the replacement is worse: median 6"))
        let latency = try #require(result.comparison?.findings.first)
        #expect(latency.isSignificant && latency.isRelevant && abs((latency.effect ?? 0) - 1.3) < 0.05)
    }

    @Test func slowTailFailsByTheTail() async throws {
        let network = TwoSides(original: Self.usual) {
            TwoSides.answer(TwoSides.usual($0 + 500) * ($0 % 12 == 0 ? 10 : 1))
        }
        let result = try await result(network)
        #expect(result.verdict == .fail && result.last?.reason == "compare:tail")
    }

    @Test(arguments: [
        TwoSides.refused, TwoSides.answer(50, status: 500),
        .failure(TransportError(code: .timeout, detail: "no answer in time")),
    ]) func errorsFail(_ error: TwoSides.Answer) async throws {
        let network = TwoSides(original: Self.usual) { $0 % 10 == 9 ? error : TwoSides.answer(TwoSides.usual($0)) }
        let result = try await result(network)
        #expect(result.verdict == .fail && result.last?.reason == "compare:errors")
        #expect(result.comparison?.replacement.errors == 20)
        #expect(result.comparison?.original.errors == 0)
    }

    @Test func slowAnswersOverTheProbesOwnLimitAreErrors() async throws {
        let network = TwoSides(original: Self.usual) { $0 % 10 == 9 ? TwoSides.answer(900) : Self.usual($0) }
        let result = try await result(
            network, asserts: "[{status: 200}, {duration: {critical: \"~:500ms\"}}]")
        #expect(result.last?.reason == "compare:errors")
    }

    @Test func worseOriginalPasses() async throws {
        let network = TwoSides(
            original: { $0 % 5 == 0 ? TwoSides.refused : TwoSides.answer(200) }, replacement: Self.usual)
        #expect(try await result(network).verdict == .pass)
    }

    @Test(arguments: [(false, "inconclusive"), (false, "fail"), (true, "inconclusive"), (true, "fail")])
    func silentSideIsWhatTheFileSaysNeverAPass(_ isReplacement: Bool, _ onNoData: String) async throws {
        let silent: Script = { _ in TwoSides.refused }
        let network = TwoSides(
            original: isReplacement ? Self.usual : silent, replacement: isReplacement ? silent : Self.usual)
        let result = try await result(network, "onNoData: \(onNoData)", timing: "startupGrace: 0s")
        // A replacement that fails every probe has more errors than its original, whatever onNoData says.
        #expect(result.verdict == (isReplacement || onNoData == "fail" ? .fail : .inconclusive))
        #expect(result.last?.reason == (isReplacement ? "compare:errors" : "compare:no-data"))
    }

    @Test func failuresWhileItStartsDoNotCount() async throws {
        let network = TwoSides(original: Self.usual) { $0 < 50 ? TwoSides.refused : Self.usual($0) }
        let result = try await result(network)
        #expect(result.verdict == .pass)
        #expect(result.comparison?.replacement.errors == 0)
        #expect(result.measurementCount == 2 * 451)
    }

    @Test func startupGraceEnds() async throws {
        let network = TwoSides(original: Self.usual) { _ in TwoSides.refused }
        let result = try await result(network, timing: "startupGrace: 10s")
        #expect(result.last?.reason == "compare:errors" && result.verdict == .fail)
    }

    @Test func pairsInWhichOurSideFailedAreNoSamplesOnEitherSide() async throws {
        let network = TwoSides(original: Self.usual) { $0 % 3 == 0 ? TwoSides.ownFailure : Self.usual($0) }
        let result = try await result(network)
        #expect(result.verdict == .pass)
        #expect(result.comparison?.replacement.probes == 400 && result.comparison?.original.probes == 400)
        #expect(result.comparison?.replacement.errors == 0)
    }

    @Test func onlyOurOwnFailuresAreInconclusive() async throws {
        let network = TwoSides(original: { _ in TwoSides.ownFailure }, replacement: Self.usual)
        let result = try await result(network)
        #expect(result.verdict == .inconclusive && result.last?.reason == "compare:unknown")
        #expect(result.measurementCount == 8)
        #expect(result.reason.contains("4 pairs of probes in a row failed on our side: transport"))
        #expect(result.reason.contains("out of descriptors"))
    }

    @Test func deadlineConcludesWithWhatThereIs() async throws {
        let network = TwoSides(original: Self.usual, replacement: Self.usual)
        let enough = try await result(network, timing: "deadline: 60s")
        #expect(enough.verdict == .pass)
        #expect(enough.reason.hasSuffix("not all of the 400 pairs were taken before the end"))
        #expect(clock.monotonicMilliseconds() == 60_000)
        let late = TwoSides(original: Self.usual) { $0 < 200 ? TwoSides.refused : Self.usual($0) }
        let few = try await result(late, timing: "deadline: 60s")
        #expect(few.verdict == .inconclusive && few.last?.reason == "compare:too-few")
    }

    @Test func hangingProbeEndsAtDeadline() async throws {
        let network = TwoSides(original: { _ in nil }, replacement: { _ in nil })
        async let running = self.result(network, drives: false)
        try await clock.waitForSleepers(1)
        clock.advance(by: .minutes(15))
        let result = try await running
        #expect(result.verdict == .inconclusive && result.last?.reason == "compare:no-data")
        #expect(result.measurementCount == 0)
    }

    @Test func severityCapsAndObservedDoesNotDecide() async throws {
        let network = TwoSides(original: Self.usual) { _ in TwoSides.refused }
        let capped = try await result(network, timing: "severity: warning, startupGrace: 0s")
        #expect(capped.verdict == .warning && capped.reason.hasSuffix("capped at warning by its severity"))
        let observed = try await result(network, timing: "mode: observe, startupGrace: 0s")
        #expect(observed.verdict == .fail && !observed.isEnforced)
    }

    @Test func watchComparesWithoutGraceUntilItsEnd() async throws {
        let network = TwoSides(original: Self.usual) { $0 < 150 ? TwoSides.refused : Self.usual($0) }
        let failed = try await result(network, mode: .watch(.minutes(10)))
        #expect(failed.last?.reason == "compare:errors")
        let alike = TwoSides(original: Self.usual, replacement: Self.usual)
        let short = try await result(alike, mode: .watch(.seconds(30)))
        #expect(short.last?.reason == "compare:too-few" && short.verdict == .inconclusive)
    }

    @Test func onceTakesTheLeastNumberOfAnswers() async throws {
        let network = TwoSides(original: Self.usual) { $0 == 7 ? TwoSides.refused : Self.usual($0) }
        let result = try await result(network, mode: .once)
        #expect(result.verdict == .pass && result.isEnforced)
        #expect(result.measurementCount == 2 * 201)
        #expect(result.comparison?.level == 0.02)
    }

    @Test(arguments: [("inconclusive", CheckResult.Verdict.inconclusive), ("fail", .fail)])
    func withoutAnOriginalNothingIsProbed(_ onNoData: String, _ verdict: CheckResult.Verdict) async throws {
        let network = TwoSides(original: Self.usual, replacement: Self.usual)
        let result = try await result(network, "onNoData: \(onNoData)", original: .some(nil))
        #expect(result.verdict == verdict && result.isEnforced)
        #expect(result.last?.reason == "compare:no-original")
        let last = try await self.result(network, "onNoData: \(onNoData)", original: .some(nil), mode: .once)
        #expect(last.verdict != .pass && !last.isEnforced)
        #expect(network.asked.with { $0.isEmpty })
    }

    @Test(arguments: ["169.254.169.254", "127.0.0.1", "", TwoSides.replacementAddress])
    func dangerousOrSameOriginalIsNotProbed(_ address: String) async throws {
        let network = TwoSides(original: Self.usual, replacement: Self.usual)
        let result = try await result(network, original: .some(address))
        #expect(result.verdict == .inconclusive)
        #expect(network.asked.with { $0.isEmpty })
    }

    @Test func progressIsBoundedAndRedacted() async throws {
        let steps = Guarded<[CheckProgress]>([])
        let network = TwoSides(original: Self.usual) {
            $0 == 400 ? .failure(TransportError(code: .reset, detail: "token hunter2")) : Self.usual($0)
        }
        let result = try await result(
            network, ready: "http: {headers: {Authorization: \"Bearer ${env:TOKEN}\"}}",
            onProgress: { step in steps.with { $0.append(step) } })
        let seen = steps.with { $0 }
        // The first pair, one soon after the grace, one every 5 s of the 80, and the last.
        #expect((16...20).contains(seen.count))
        #expect(seen.first?.detail == "0 pairs of 200 to 400, errors 0 against 0")
        #expect(seen.last?.detail == "400 pairs of 200 to 400, errors 1 against 0")
        #expect(!"\(seen)\(result)".contains("hunter2"))
    }

    @Test func cancellationIsImmediate() async throws {
        let network = TwoSides(original: { _ in nil }, replacement: { _ in nil })
        let task = Task { try await result(network, drives: false) }
        try await clock.waitForSleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func otherKindsAreCompared() async throws {
        let network = TwoSides(original: Self.usual) { TwoSides.answer(TwoSides.usual($0) * 2) }
        for kind in ["tcp: {port: 1}", "tls: {port: 1, requests: 2}"] {
            #expect(try await result(network, ready: kind, asserts: nil).last?.reason == "compare:latency")
        }
    }

    @Test func figuresSurviveTheJournal() async throws {
        let network = TwoSides(original: { _ in TwoSides.answer(0) }, replacement: { _ in TwoSides.answer(5) })
        let result = try await result(network)
        // Five milliseconds are infinitely many times as long as none, which JSON cannot say.
        #expect(result.comparison?.findings.first?.effect == nil)
        #expect(result.last?.reason == "compare:latency")
        let data = try JSONEncoder().encode(result)
        #expect(try JSONDecoder().decode(CheckResult.self, from: data) == result)
    }

    /// Runs one comparison with the clock moved whenever it has come to rest; `original` is its address.
    private func result(
        _ network: TwoSides, _ keys: String = "alpha: 0.02", id: String = "same",
        ready: String = "http: {port: 8080}", asserts: String? = "[{status: 200}]", timing: String = "timeout: 2s",
        original: String?? = .none, mode: AssessmentRequest.Mode = .untilVerdict, drives: Bool = true,
        onProgress: @escaping @Sendable (CheckProgress) -> Void = { _ in }
    ) async throws -> CheckResult {
        let text =
            CheckFileTests.header + """
                checks:
                - {id: ready, \(ready), phase: [rollback]\(asserts.map { ", assert: \($0)" } ?? "")}
                - {id: \(id), compare: {probe: ready, samples: {min: 200, max: 400}, \(keys)}, \(timing)}
                """
        let addresses = (TwoSides.replacementAddress, original ?? TwoSides.originalAddress)
        let request = AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: text)], phase: .verify, mode: mode,
            instance: Self.instance("i-2", addresses.0), original: addresses.1.map { Self.instance("i-1", $0) },
            runner: ScriptedRunner(), allowsLoopback: false)
        let secrets = SecretResolver(environment: { ["TOKEN": "hunter2"][$0] }, file: { _ in nil })
        let runner = CheckRunner(
            clock: clock, network: network, controller: ScriptedRunner(), inspector: ScriptedInspector(),
            secrets: secrets)
        let driver = Task { [clock] in
            while drives {
                try await clock.waitForSleepers(2)
                clock.advanceToNextSleeper()
            }
        }
        defer { driver.cancel() }
        let results = try await runner.assess(request, onProgress: onProgress).results
        try #require(results.count == 1)
        return results[0]
    }

    static func instance(_ id: String, _ address: String) -> Instance {
        Instance(id: InstanceID(id), name: id, state: .running, image: ImageID("img"), address: address)
    }
}
