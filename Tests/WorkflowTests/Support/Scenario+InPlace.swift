import TestSupport
import Workflow

/// Stories of updates in place and of the fallback to them.
extension Scenario {
    private static let withoutSnapshot = InPlaceSituation.plan(takesSnapshot: false)
    private static let automatic = InPlaceSituation.fallbackPlan(approval: .auto, triggers: [.capacity])

    private static func observes(_ effect: SwapEffect) -> Bool {
        if case .observe(.updateEnded) = effect { return true }
        return false
    }

    private static func checks(_ effect: SwapEffect) -> Bool {
        if case .assess = effect { return true }
        return false
    }

    static let inPlace: [Scenario] = [
        Scenario("in-place", InPlaceSituation.plan()) { $0.runToEnd() },
        Scenario("in-place-no-reboot", InPlaceSituation.plan(reboot: .never, routes: [])) { $0.runToEnd() },
        Scenario("in-place-failing-check", InPlaceSituation.plan()) { script in
            script.run(until: "verifying")
            script.run(untilEffect: checks)
            script.fail()
            script.runToEnd()
        },
        Scenario("in-place-interrupted", InPlaceSituation.plan()) { script in
            script.run(untilEffect: observes)
            script.feed(EventKind.effectMissing.event(for: script.swap))
            script.runToEnd()
        },
        Scenario("in-place-nothing-installed", InPlaceSituation.plan()) { script in
            script.run(untilEffect: observes)
            script.feed(EventKind.updateFailedUnchanged.event(for: script.swap))
            script.runToEnd()
        },
        Scenario("in-place-without-snapshot", withoutSnapshot) { script in
            script.run(untilEffect: observes)
            script.operate(.rollback)
            script.feed(EventKind.updateFailed.event(for: script.swap))
            script.operate(.resume, after: .minutes(10))
            script.runToEnd()
        },
        Scenario("in-place-given-up", withoutSnapshot) { script in
            script.run(untilEffect: observes)
            script.feed(EventKind.updateFailed.event(for: script.swap))
            script.operate(.cancel, after: .minutes(10))
        },
        Scenario("in-place-snapshot-fails", InPlaceSituation.plan()) { script in
            script.run(until: "snapshotting")
            script.fail("no room in the pool")
            script.runToEnd()
        },
        Scenario("fallback-approved", InPlaceSituation.fallbackPlan()) { script in
            script.step()
            script.fail()
            script.operate(.approve, after: .minutes(3))
            script.runToEnd()
        },
        Scenario("fallback-automatic-at-launch", automatic) { script in
            script.run(until: "launching")
            script.feed(
                .callFailed(
                    number: 1,
                    failure: CallFailure(code: "capacity", detail: "There is no capacity.", isUncertain: false)))
            script.runToEnd()
        },
        Scenario("fallback-not-for-this", automatic) { script in
            script.run(until: "launching")
            script.fail()
        },
        Scenario("fallback-never-after-a-failed-check", InPlaceSituation.fallbackPlan(approval: .auto)) { script in
            script.run(until: "verifying")
            script.fail()
            script.runToEnd()
        },
    ]
}
