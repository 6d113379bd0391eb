import Providers
import Testing
import Workflow

@testable import Simulation

@Suite("A violation is shown with as few injections as it needs")
struct MinimiserTests {
    @Test(
        "What is left still holds, and nothing of it can be left out",
        arguments: [
            [3], [1, 12], [2, 5, 9], [], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        ])
    func reduces(needed: Set<Int>) {
        var questions = 0
        let left = Minimiser.reduce(Array(1...12)) { candidate in
            questions += 1
            return needed.isSubset(of: candidate)
        }
        #expect(left == needed.sorted())
        #expect(questions <= 12 * 12)
    }

    @Test("Of two ways to break an invariant one is left")
    func eitherOr() {
        let left = Minimiser.reduce([1, 2, 3, 4]) { $0.contains(2) || $0.contains(3) }
        #expect(left == [3])
    }

    /// No seed of the sources as they are breaks an invariant, so this one is kept from healing: an outage without an
    /// end means that the swap has none either.
    private var endless: Scenario {
        var scenario = Scenario(seed: 4)
        func injection(_ fault: SimulatedFault, _ length: Span) -> Scenario.Injection {
            Scenario.Injection(cause: .fault(fault), state: "preflight", delay: .zero, length: length)
        }
        scenario.healsAfter = .hours(100_000)
        scenario.injections = [
            injection(.lostRequest, .seconds(1)), injection(.diskFull, .hours(100_000)),
            injection(.duplicate, .seconds(1)), injection(.clockForward, .seconds(3)),
        ]
        return scenario
    }

    @Test("The smallest run breaks the same invariant, and repeats")
    func violation() throws {
        let minimum = try #require(Minimiser().minimum(of: endless, breaking: 15))
        #expect(minimum.kept == [2])
        #expect(minimum.outcome.violation?.invariant == 15)
        #expect(minimum.outcome.transcript.contains { $0.contains("VIOLATION of invariant 15") })
        var again = endless.keeping(minimum.kept)
        again.setting.isTranscribed = true
        #expect(SimulationRun(again).outcome().digest == minimum.outcome.digest)
    }

    @Test("What does not happen is not looked for")
    func green() {
        #expect(Minimiser().minimum(of: endless, breaking: 3) == nil)
        #expect(Minimiser().minimum(of: 1, breaking: 15) == nil)
    }

    @Test("Injections are kept by their number")
    func keeping() {
        let scenario = endless
        #expect(scenario.keeping([4, 1]).injections.map(\.name) == ["lost-request", "clock-forward"])
        #expect(scenario.keeping([]).injections.isEmpty)
        #expect(scenario.keeping([1, 2, 3, 4]).injections.count == scenario.injections.count)
    }

    @Test("A long transcript is cut in the middle and at its right edge")
    func excerpt() {
        let long = (1...200).map { "line \($0)" }
        let cut = TranscriptExcerpt(of: long, head: 3, tail: 5).lines
        #expect(cut.count == 9)
        #expect(cut.prefix(3) == ["line 1", "line 2", "line 3"])
        #expect(cut[3].contains("192 lines are left out"))
        #expect(cut.last == "line 200")
        #expect(TranscriptExcerpt(of: Array(long.prefix(9)), head: 3, tail: 5).lines == Array(long.prefix(9)))
        #expect(TranscriptExcerpt(of: [String(repeating: "x", count: 50)], width: 10).lines == ["xxxxxxxxx…"])
    }
}
