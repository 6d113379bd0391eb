import TestSupport
import Workflow

/// One situation for every state of a swap, and a further one where a state waits for different things.
enum Situation: String, CaseIterable, Sendable {
    case planned, preflight, launching, booting
    case patchingFirstBoot, patchingLeftovers
    case verifying
    case askedByPolicy, askedByWarning, askedInconclusive, askedAfterBake
    case promotingCall, promotingObservation
    case baking
    case stoppingObservation, stoppingCall
    case holding, confirming, confirmingChecks
    case terminatingCall, terminatingObservation
    case succeeded
    case rollingBackCall, rollingBackObservation, settlingLaunch
    case retiringEvidence, retiringCall
    case rolledBack, cancelled, refused
    case stoppedWhileTerminating, stoppedWhileRollingBack, stoppedWhileHolding

    var swap: Swap { script.swap }

    /// Default deadlines, so that every state has the timers it has in earnest.
    var script: SwapScript {
        var script = SwapScript(SampleSwap.plan(policy: SampleSwap.policy(deadlines: SwapPolicy.Deadlines())))
        if !playForward(&script) { playBack(&script) }
        return script
    }

    private func playForward(_ script: inout SwapScript) -> Bool {
        switch self {
        case .planned: break
        case .preflight: script.run(until: "preflight")
        case .launching: script.run(until: "launching")
        case .booting: script.run(until: "booting")
        case .patchingFirstBoot: script.run(until: "patching")
        case .patchingLeftovers: Self.advance(&script, to: "patching")
        case .verifying: script.run(until: "verifying")
        case .askedByPolicy: script.run(until: "awaitingApproval")
        case .askedByWarning: Self.assess(&script, in: "verifying", .warning)
        case .askedInconclusive: Self.assess(&script, in: "verifying", .inconclusive)
        case .askedAfterBake: Self.assess(&script, in: "baking", .inconclusive)
        case .promotingCall: script.run(until: "promoting")
        case .promotingObservation: Self.advance(&script, to: "promoting")
        case .baking: script.run(until: "baking")
        case .stoppingObservation: script.run(until: "stoppingOriginal")
        case .stoppingCall: Self.advance(&script, to: "stoppingOriginal")
        case .holding: script.run(until: "holding")
        case .confirming: Self.confirm(&script)
        case .confirmingChecks:
            Self.confirm(&script)
            script.step()
            script.step()
        case .terminatingCall: Self.terminate(&script)
        case .terminatingObservation:
            Self.terminate(&script)
            script.step()
        case .succeeded:
            Self.terminate(&script)
            script.runToEnd()
        default: return false
        }
        return true
    }

    private func playBack(_ script: inout SwapScript) {
        switch self {
        case .rollingBackCall: Self.undo(&script)
        case .rollingBackObservation:
            Self.undo(&script)
            script.step()
        case .settlingLaunch:
            script.run(until: "launching")
            script.operate(.rollback)
        case .retiringEvidence: Self.failVerification(&script)
        case .retiringCall:
            Self.failVerification(&script)
            script.step()
        case .rolledBack:
            Self.failVerification(&script)
            script.runToEnd()
        case .cancelled: script.operate(.cancel)
        case .refused:
            script.step()
            script.fail()
        case .stoppedWhileTerminating:
            Self.terminate(&script)
            script.fail()
        case .stoppedWhileRollingBack:
            Self.undo(&script)
            script.fail()
        case .stoppedWhileHolding:
            Self.confirm(&script)
            script.fail()
        default: break
        }
    }

    private static func advance(_ script: inout SwapScript, to state: String) {
        script.run(until: state)
        script.step()
    }

    private static func assess(_ script: inout SwapScript, in state: String, _ verdict: CheckResult.Verdict) {
        script.run(until: state)
        guard case .assess(let assessment) = script.effect else { return }
        script.feed(.assessed(assessment, result: SampleSwap.result(verdict)))
    }

    private static func confirm(_ script: inout SwapScript) {
        script.run(until: "holding")
        script.operate(.retire)
    }

    private static func terminate(_ script: inout SwapScript) {
        confirm(&script)
        script.run(until: "terminatingOriginal")
    }

    private static func undo(_ script: inout SwapScript) {
        script.run(until: "holding")
        script.operate(.undo)
    }

    private static func failVerification(_ script: inout SwapScript) {
        script.run(until: "verifying")
        script.fail()
    }
}
