import Testing
import Workflow

@testable import HealthChecks

/// Histories are one letter per measurement and second: `o` ok, `w` warning, `c` critical, `u` unknown.
@Suite struct CheckJudgeTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var history: String
        var verdict: CheckResult.Verdict?
        /// How many measurements it takes; all of them where there is no verdict.
        var after: Int
        var change: @Sendable (inout CheckTiming) -> Void = { _ in }
        var testDescription: String { "\(history) → \(verdict?.rawValue ?? "none") after \(after)" }

        init(
            _ history: String, _ verdict: CheckResult.Verdict?, after: Int,
            _ change: @escaping @Sendable (inout CheckTiming) -> Void = { _ in }
        ) {
            self.history = history
            self.verdict = verdict
            self.after = after
            self.change = change
        }
    }

    /// Without grace, 2 passes, 2 failures, held 3 s, deadline 20 s, 2 flips, 3 errors.
    static let timing: CheckTiming = {
        var timing = CheckTiming()
        timing.interval = .seconds(1)
        timing.startupGrace = .zero
        timing.successThreshold = 2
        timing.failureThreshold = 2
        timing.stableFor = .seconds(3)
        timing.deadline = .seconds(20)
        timing.maxTransitions = 2
        timing.consecutiveErrorLimit = 3
        return timing
    }()

    static let examples = [
        Example("oooo", .pass, after: 4),
        Example("ooo", nil, after: 3),
        Example("oo", .pass, after: 2) { $0.stableFor = .seconds(1) },
        Example("oo", .pass, after: 2) { $0.stableFor = .zero },
        Example("o", .pass, after: 1) { ($0.stableFor, $0.successThreshold) = (.zero, 1) },
        Example("oooooo", .pass, after: 6) { $0.successThreshold = 6 },
        Example("wwww", .warning, after: 4),
        Example("ooow", .warning, after: 4),
        Example("oowo", .warning, after: 4),
        Example("wwoo", .pass, after: 4),
        Example("cc", .fail, after: 2),
        Example("occ", .fail, after: 3),
        Example("cocoo", .pass, after: 5),
        Example("ocoo", .pass, after: 4),
        Example("oocoo", .pass, after: 5),
        Example("ocooo", nil, after: 5) { ($0.maxTransitions, $0.stableFor) = (0, .seconds(4)) },
        Example("ocoooo", .pass, after: 6) { ($0.maxTransitions, $0.stableFor) = (0, .seconds(3)) },
        Example("ocococo", nil, after: 7),
        Example("ococoooo", .pass, after: 8),
        Example("uuu", .inconclusive, after: 3),
        Example("uuouuo", .pass, after: 6),
        Example("ouuo", .pass, after: 4),
        Example("cuc", .fail, after: 3),
        Example("cuuc", .fail, after: 4),
        Example("cuuoc", nil, after: 5),
        Example("ooouuu", .inconclusive, after: 6) { $0.stableFor = .seconds(9) },
        Example("cccccoooo", .pass, after: 9) { $0.startupGrace = .seconds(10) },
        Example("ccccococc", .fail, after: 9) { ($0.startupGrace, $0.stableFor) = (.seconds(10), .seconds(9)) },
        Example("cccocc", .fail, after: 6) { $0.startupGrace = .seconds(10) },
        Example("cccc", nil, after: 4) { $0.startupGrace = .seconds(10) },
        Example("cccc", .fail, after: 4) { $0.startupGrace = .seconds(2) },
        Example("cccccccccccc", .fail, after: 12) { ($0.startupGrace, $0.failureThreshold) = (.seconds(10), 2) },
        Example("cuuc", nil, after: 4) { $0.startupGrace = .seconds(10) },
        Example("uuu", .inconclusive, after: 3) { $0.startupGrace = .seconds(10) },
        Example("ccc", .fail, after: 3) { ($0.deadline, $0.failureThreshold) = (.seconds(2), 9) },
        Example("ccc", .fail, after: 3) { ($0.deadline, $0.startupGrace) = (.seconds(2), .seconds(9)) },
        Example("coo", .inconclusive, after: 3) { $0.deadline = .seconds(2) },
        Example("ccu", .inconclusive, after: 3) { ($0.deadline, $0.failureThreshold) = (.seconds(2), 9) },
        Example("cc", .warning, after: 2) { $0.severity = .warning },
        Example("uuu", .warning, after: 3) { $0.severity = .warning },
        Example("oooo", .pass, after: 4) { $0.severity = .warning },
    ]

    @Test(arguments: examples) func untilVerdict(_ example: Example) {
        var timing = Self.timing
        example.change(&timing)
        let (decision, count) = run(example.history, CheckJudge(timing: timing, mode: .untilVerdict))
        #expect(decision?.verdict == example.verdict)
        #expect(count == example.after)
    }

    @Test func firstPassEndsGrace() {
        var timing = Self.timing
        timing.startupGrace = .minutes(5)
        let judge = CheckJudge(timing: timing, mode: .untilVerdict)
        let state = judge.decide(judge.start(at: 0), .ok, at: 0).state
        #expect(!state.isInGrace)
        #expect(judge.decide(state, .critical, at: 1000).state.failures == 1)
    }

    static let watches = [
        Example("oooooo", .pass, after: 6), Example("cc", .fail, after: 2), Example("occo", .fail, after: 3),
        Example("oocooo", .pass, after: 6), Example("ooooow", .warning, after: 6),
        Example("ooooco", .warning, after: 6),
        Example("oooooc", .fail, after: 6), Example("uuuuuu", .inconclusive, after: 6),
        Example("ouuuuu", .inconclusive, after: 6), Example("ouuuoo", .pass, after: 6),
        Example("uuuuuo", .pass, after: 6), Example("ocococ", .fail, after: 6),
        Example("cococo", .inconclusive, after: 6),
        Example("ccoooo", .fail, after: 2) { $0.startupGrace = .minutes(5) },
        Example("oooooo", .pass, after: 6) { $0.deadline = .seconds(2) },
        Example("ooccoo", .warning, after: 4) { $0.severity = .warning },
    ]

    @Test(arguments: watches) func watch(_ example: Example) {
        var timing = Self.timing
        example.change(&timing)
        let (decision, count) = run(example.history, CheckJudge(timing: timing, mode: .watch(.seconds(5))))
        #expect(decision?.verdict == example.verdict)
        #expect(count == example.after)
    }

    @Test(arguments: [
        Example("o", .pass, after: 1), Example("w", .warning, after: 1), Example("c", .fail, after: 1),
        Example("uuo", .pass, after: 3), Example("uuu", .inconclusive, after: 3), Example("u", nil, after: 1),
        Example("c", .fail, after: 1) { $0.startupGrace = .minutes(5) },
        Example("c", .warning, after: 1) { $0.severity = .warning },
    ]) func once(_ example: Example) {
        var timing = Self.timing
        example.change(&timing)
        let (decision, count) = run(example.history, CheckJudge(timing: timing, mode: .once))
        #expect(decision?.verdict == example.verdict)
        #expect(count == example.after)
    }

    @Test func nothingMeasuredNeverPasses() {
        for mode in [AssessmentRequest.Mode.untilVerdict, .watch(.seconds(5)), .once] {
            let judge = CheckJudge(timing: Self.timing, mode: mode)
            #expect(judge.conclude(judge.start(at: 0), at: 99_000).verdict == .inconclusive)
        }
    }

    private func run(_ history: String, _ judge: CheckJudge) -> (CheckJudge.Decision?, Int) {
        let outcomes: [Character: Measurement.Outcome] = ["o": .ok, "w": .warning, "c": .critical, "u": .unknown]
        var state = judge.start(at: 7000)
        for (second, letter) in history.enumerated() {
            guard let outcome = outcomes[letter] else { continue }
            let step = judge.decide(state, outcome, at: 7000 + Int64(second) * 1000)
            state = step.state
            if let decision = step.decision { return (decision, second + 1) }
        }
        return (nil, history.count)
    }
}
