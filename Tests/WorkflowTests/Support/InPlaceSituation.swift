import TestSupport
import Workflow

/// One situation for every state of an update in place, and further ones where a state waits for different things.
enum InPlaceSituation: String, CaseIterable, Sendable {
    case preflight, fallbackOffered
    case cordoningCall, cordoningObservation
    case snapshotting
    case updatingCall, updatingObservation, updatingWithoutSnapshot
    case rebootingCall, rebootingObservation
    case verifyingPatches, verifyingChecks, verifyingWithoutSnapshot
    case askedByWarning, askedInconclusive
    case uncordoning, finishing
    case restoringEvidence, restoringCall, restoringObservation
    case uncordoningBack, uncordoningUnchanged
    case updated, rolledBack, cancelled
    case stoppedWhileUpdating, stoppedWhileVerifying, stoppedWhileRestoring, stoppedWhileUncordoning

    var swap: Swap { script.swap }

    /// The plan of an update in place of the sample original.
    static func plan(
        takesSnapshot: Bool = true, policy: SwapPolicy = SampleSwap.policy(deadlines: SwapPolicy.Deadlines()),
        reboot: PatchPolicy.Reboot = .ifRequired, routes: [TrafficRoute] = [SampleSwap.web]
    ) -> Plan {
        var plan = SampleSwap.plan(routes: routes, policy: policy)
        plan.strategy = .inPlace
        plan.update = UpdatePlan(patch: PatchPolicy(reboot: reboot), takesSnapshot: takesSnapshot)
        return plan
    }

    /// The plan of a blue-green swap that may fall back.
    static func fallbackPlan(
        approval: SwapPolicy.Approval = .ask, triggers: [FallbackPolicy.Trigger] = FallbackPolicy.Trigger.allCases
    ) -> Plan {
        var plan = plan()
        plan.strategy = nil
        plan.fallback = FallbackPolicy(triggers: triggers, approval: approval)
        return plan
    }

    private var takesSnapshot: Bool {
        switch self {
        case .updatingWithoutSnapshot, .verifyingWithoutSnapshot, .stoppedWhileUpdating, .stoppedWhileVerifying: false
        default: true
        }
    }

    var script: SwapScript {
        var script = SwapScript(
            self == .fallbackOffered ? Self.fallbackPlan() : Self.plan(takesSnapshot: takesSnapshot))
        if !playForward(&script) { playBack(&script) }
        return script
    }

    private func playForward(_ script: inout SwapScript) -> Bool {
        switch self {
        case .preflight: script.run(until: "preflight")
        case .cordoningCall: script.run(until: "cordoning")
        case .cordoningObservation: Self.look(&script, in: "cordoning")
        case .snapshotting: script.run(until: "snapshotting")
        case .updatingCall: script.run(until: "updating")
        case .updatingObservation, .updatingWithoutSnapshot: Self.look(&script, in: "updating")
        case .rebootingCall: script.run(until: "rebooting")
        case .rebootingObservation: Self.look(&script, in: "rebooting")
        case .verifyingPatches: script.run(until: "verifying")
        case .verifyingChecks, .verifyingWithoutSnapshot: Self.check(&script)
        case .askedByWarning, .askedInconclusive:
            Self.check(&script)
            let kind: EventKind = self == .askedByWarning ? .warned : .inconclusive
            script.feed(kind.event(for: script.swap))
        case .uncordoning: script.run(until: "uncordoning")
        case .finishing:
            script.run(untilEffect: { effect in
                if case .perform(let call) = effect, case .deleteSnapshot = call.request { return true }
                return false
            })
        case .updated: script.runToEnd()
        default: return false
        }
        return true
    }

    private func playBack(_ script: inout SwapScript) {
        switch self {
        case .fallbackOffered:
            script.step()
            script.fail()
        case .restoringEvidence: Self.failChecks(&script)
        case .restoringCall:
            Self.failChecks(&script)
            script.step()
        case .restoringObservation:
            Self.failChecks(&script)
            Self.look(&script, in: "restoringSnapshot")
        case .uncordoningBack:
            script.run(until: "snapshotting")
            script.fail()
        case .uncordoningUnchanged:
            Self.look(&script, in: "updating")
            script.feed(EventKind.updateFailedUnchanged.event(for: script.swap))
        case .rolledBack:
            Self.failChecks(&script)
            script.runToEnd()
        case .cancelled:
            script.run(until: "cordoning")
            script.operate(.cancel)
            script.runToEnd()
        case .stoppedWhileUpdating:
            Self.look(&script, in: "updating")
            script.feed(EventKind.updateFailed.event(for: script.swap))
        case .stoppedWhileVerifying: Self.failChecks(&script)
        case .stoppedWhileRestoring:
            Self.failChecks(&script)
            script.step()
            script.fail()
        case .stoppedWhileUncordoning:
            script.run(untilEffect: { effect in
                if case .perform(let call) = effect, case .deleteSnapshot = call.request { return true }
                return false
            })
            script.fail()
        default: break
        }
    }

    private static func look(_ script: inout SwapScript, in state: String) {
        script.run(until: state)
        script.run(untilEffect: { effect in
            if case .observe = effect { return true }
            return false
        })
    }

    private static func check(_ script: inout SwapScript) {
        script.run(until: "verifying")
        script.run(untilEffect: { effect in
            if case .assess = effect { return true }
            return false
        })
    }

    private static func failChecks(_ script: inout SwapScript) {
        check(&script)
        script.fail()
    }
}
