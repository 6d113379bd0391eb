import TestSupport
import Testing
import Workflow

@Suite("Deadlines")
struct DeadlineTests {
    private static let live: [Situation] = Situation.allCases.filter { !$0.swap.state.isFinal }

    private static func timers(_ swap: Swap) -> [SwapTimer] {
        swap.effects.compactMap { if case .timer(let timer) = $0 { timer } else { nil } }
    }

    @Test("A paused swap has no timer, begins no call, and loses no time", arguments: live)
    func pause(_ situation: Situation) {
        var script = situation.script
        let before = script.swap
        script.operate(.pause)
        #expect(Self.timers(script.swap).isEmpty)
        for timer in Self.timers(before) {
            #expect(!script.swap.decide(.timerFired(timer), at: timer.at).isAccepted)
        }
        script.operate(.resume, after: .hours(7))
        if situation == .terminatingCall {
            // The last look at the replacement is seven hours old: it is looked at again.
            #expect(script.swap.state.name == "holding")
            return
        }
        #expect(script.swap.state == before.state)
        #expect(script.swap.deadline == before.deadline.map { $0 + .hours(7) })
        guard situation.swap.state.name != "awaitingApproval" else { return }
        #expect(script.swap.totalDeadline == before.totalDeadline.map { $0 + .hours(7) })
    }

    @Test("Only a call whose intent is journalled goes on while paused")
    func callWhilePaused() {
        var script = Situation.promotingCall.script
        let call = script.effect
        script.operate(.pause)
        #expect(script.swap.effects == [call])
        script.step()
        #expect(script.swap.effects.isEmpty)
        script.step()
        #expect(script.operate(.resume).swap.effects.count == 3)
    }

    @Test("A call that becomes due while paused is intended on resuming")
    func intentOnResume() throws {
        var script = SwapScript(SampleSwap.plan(routes: [SampleSwap.web, SampleSwap.api]))
        script.run(until: "promoting")
        script.operate(.pause)
        #expect(script.step()?.intents == [])
        #expect(script.swap.effects.isEmpty)
        let resumed = script.operate(.resume)
        #expect(resumed.intents.count == 1)
        #expect(resumed.swap.effects.contains(.perform(try #require(resumed.intents.first))))
    }

    @Test("The deadline of a state entered while paused moves by the time since then only")
    func enteredWhilePaused() {
        var script = Situation.launching.script
        script.operate(.pause)
        script.step(after: .minutes(1))
        let deadline = script.swap.deadline
        script.operate(.resume, after: .minutes(5))
        #expect(script.swap.state.name == "booting")
        #expect(script.swap.deadline == deadline.map { $0 + .minutes(5) })
    }

    @Test(
        "A checkpoint that policy or a warning asks for has no timer",
        arguments: [
            Situation.askedByPolicy, .askedByWarning,
        ])
    func checkpoint(_ situation: Situation) {
        #expect(Self.timers(situation.swap).isEmpty)
    }

    @Test("The time that a person takes is nobody's, whether watched, unwatched or paused", arguments: [0, 1, 2])
    func personsTime(_ way: Int) {
        var script = Situation.askedByPolicy.script
        let total = script.swap.totalDeadline
        switch way {
        case 1: script.feed(.driven(by: SampleSwap.holder), after: .hours(7))
        case 2:
            script.operate(.pause, after: .hours(3))
            script.operate(.resume, after: .hours(4))
        default: script.feed(.evidenceSaved(problems: []), after: .hours(7))
        }
        script.operate(.approve, after: .hours(1))
        #expect(script.swap.totalDeadline == total.map { $0 + .hours(8) })
    }

    @Test("Time in which nobody drives does not count")
    func undriven() {
        var script = Situation.booting.script
        let before = script.swap
        script.feed(.driven(by: SampleSwap.holder), after: .hours(9))
        #expect(script.swap.deadline == before.deadline.map { $0 + .hours(9) })
        #expect(script.swap.totalDeadline == before.totalDeadline.map { $0 + .hours(9) })
    }

    @Test("Time in which a paused swap is not driven counts as pause, once")
    func undrivenPause() {
        var script = Situation.booting.script
        let before = script.swap
        script.operate(.pause)
        script.feed(.driven(by: SampleSwap.holder), after: .hours(2))
        script.operate(.resume, after: .hours(3))
        #expect(script.swap.deadline == before.deadline.map { $0 + .hours(5) })
    }

    @Test("A clock that ran backwards moves no deadline and no time back")
    func backwards() {
        var script = Situation.booting.script
        let before = script.swap
        script.feed(.driven(by: SampleSwap.holder), after: .minutes(-10))
        #expect(script.swap.deadline == before.deadline)
        #expect(script.swap.updatedAt == before.updatedAt)
    }

    @Test("The whole swap's deadline ends with the held original")
    func totalEnds() {
        #expect(Situation.holding.swap.totalDeadline == nil)
        #expect(Situation.stoppingCall.swap.totalDeadline != nil)
    }
}
