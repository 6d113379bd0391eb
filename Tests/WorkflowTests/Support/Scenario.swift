import TestSupport
import Testing
import Workflow

/// One whole swap as a story, for the golden transcripts and for every test that looks at whole swaps.
struct Scenario: Sendable, CustomTestStringConvertible {
    let name: String
    let plan: Plan
    let play: @Sendable (inout SwapScript) -> Void

    init(_ name: String, _ plan: Plan = Self.asking, play: @escaping @Sendable (inout SwapScript) -> Void) {
        self.name = name
        self.plan = plan
        self.play = play
    }

    var testDescription: String { name }

    var script: SwapScript {
        var script = SwapScript(plan)
        play(&script)
        return script
    }

    static let all: [Scenario] = ends + failures + interventions + inPlace

    private static let defaults = SwapPolicy.Deadlines()
    private static let asking = SampleSwap.plan(policy: SampleSwap.policy(deadlines: defaults))
    private static let auto = SampleSwap.plan(policy: SampleSwap.policy(approval: .auto, deadlines: defaults))
    private static let keeping = SampleSwap.plan(policy: SampleSwap.policy(onFailure: .keep, deadlines: defaults))
    private static let twoRouters = SampleSwap.plan(
        routes: [SampleSwap.web, SampleSwap.api], policy: SampleSwap.policy(deadlines: defaults))
    private static let noRouter = SampleSwap.plan(
        routes: [], policy: SampleSwap.policy(approval: .auto, deadlines: defaults))

    private static let ends: [Scenario] = [
        Scenario("happy-path", auto) { script in
            script.run(until: "holding")
            script.fire { if case .hold = $0 { true } else { false } }
            script.runToEnd()
        },
        Scenario("two-routers", twoRouters) { script in
            script.run(until: "awaitingApproval")
            script.operate(.approve)
            script.run(until: "holding")
        },
        Scenario("undo", auto) { script in
            script.run(until: "holding")
            script.operate(.undo, after: .hours(1))
            script.runToEnd()
        },
        Scenario("retire", auto) { script in
            script.run(until: "holding")
            script.operate(.retire, after: .minutes(5))
            script.runToEnd()
        },
        Scenario("no-traffic", noRouter) { script in
            script.run(until: "holding")
            script.operate(.undo)
            script.runToEnd()
        },
    ]

    private static let failures: [Scenario] = [
        Scenario("refused") { script in
            script.step()
            script.fail()
        },
        Scenario("failing-check") { script in
            script.run(until: "verifying")
            script.fail()
            script.runToEnd()
        },
        Scenario("failing-check-kept", keeping) { script in
            script.run(until: "verifying")
            script.fail()
            script.runToEnd()
        },
        Scenario("failing-bake", auto) { script in
            script.run(until: "baking")
            script.fail()
            script.runToEnd()
        },
        Scenario("launch-uncertain") { script in
            script.run(until: "launching")
            script.fail("the connection broke", isUncertain: true)
            script.runToEnd()
        },
        Scenario("launch-refused") { script in
            script.run(until: "launching")
            script.fail("no room")
            script.runToEnd()
        },
        Scenario("deadline-in-promoting", auto) { script in
            script.run(until: "promoting")
            script.step()
            script.step()
            script.fire { if case .state = $0 { true } else { false } }
            script.runToEnd()
        },
        Scenario("needs-operator-and-resume", auto) { script in
            script.run(until: "baking")
            script.fail()
            script.step()
            script.fail("the original is not seen healthy")
            script.operate(.resume, after: .minutes(20))
            script.runToEnd()
        },
    ]

    private static let interventions: [Scenario] = [
        Scenario("warning-hold") { script in
            script.run(until: "verifying")
            guard case .assess(let assessment) = script.effect else { return }
            script.feed(.assessed(assessment, result: SampleSwap.result(.warning)))
            script.operate(.approve, after: .hours(8))
            script.run(until: "holding")
        },
        Scenario("inconclusive-then-promote") { script in
            script.run(until: "verifying")
            guard case .assess(let assessment) = script.effect else { return }
            script.feed(.assessed(assessment, result: SampleSwap.result(.inconclusive)))
            script.operate(.approve, after: .minutes(1))
            script.operate(.promote, after: .minutes(1))
            script.run(until: "holding")
        },
        Scenario("cancel-while-patching") { script in
            script.run(until: "patching")
            script.operate(.cancel)
            script.runToEnd()
        },
        Scenario("pause-and-resume", auto) { script in
            script.run(until: "promoting")
            script.operate(.pause)
            script.step()
            script.operate(.resume, after: .hours(3))
            script.run(until: "holding")
        },
        Scenario("excused-check", auto) { script in
            script.step()
            script.feed(
                .preflightCompleted(PreflightReport(findings: [], baseline: SampleSwap.result(.fail))))
            script.run(until: "verifying")
            script.fail()
            script.run(until: "baking")
            script.operate(.rollback)
            script.run(untilEffect: { if case .assess = $0 { true } else { false } })
            script.fail()
            script.runToEnd()
        },
    ]
}
