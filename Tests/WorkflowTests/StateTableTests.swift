import TestSupport
import Testing
import Workflow

@Suite("decide: every state and every event")
struct StateTableTests {
    @Test("Legal events lead where the architecture says, all others change nothing", arguments: Situation.allCases)
    func table(_ situation: Situation) {
        Self.expect(StateTable.legal(in: situation), in: situation.swap, named: "\(situation)")
    }

    @Test("The same for updates in place", arguments: InPlaceSituation.allCases)
    func inPlaceTable(_ situation: InPlaceSituation) {
        Self.expect(InPlaceTable.legal(in: situation), in: situation.swap, named: "\(situation)")
    }

    private static func expect(_ legal: [EventKind: String], in swap: Swap, named name: String) {
        for kind in EventKind.allCases {
            let decision = swap.decide(kind.event(for: swap), at: swap.updatedAt + .seconds(1))
            let label = "\(name) on \(kind): \(decision.reasons.joined(separator: " "))"
            #expect(!decision.reasons.isEmpty, "\(label)")
            guard let target = legal[kind] else {
                #expect(!decision.isAccepted, "\(label)")
                var unchanged = decision.swap
                unchanged = unchanged.decide(.created(creation(of: swap)), at: swap.updatedAt).swap
                #expect(unchanged.state == swap.state && unchanged.deadline == swap.deadline, "\(label)")
                #expect(decision.swap.pausedAt == swap.pausedAt && decision.intents.isEmpty, "\(label)")
                #expect(decision.swap.lastCallNumber == swap.lastCallNumber, "\(label)")
                continue
            }
            #expect(decision.isAccepted, "\(label)")
            #expect(decision.swap.state.name == target, "\(label)")
        }
    }

    private static func creation(of swap: Swap) -> SwapCreation {
        SwapCreation(id: swap.id, plan: swap.plan, planHash: swap.planHash)
    }

    @Test("Every state has a situation")
    func everyStateIsCovered() {
        let names = Set(Situation.allCases.map(\.swap.state.name))
            .union(InPlaceSituation.allCases.map(\.swap.state.name))
        let expected: Set = [
            "planned", "preflight", "launching", "booting", "patching", "verifying", "awaitingApproval", "promoting",
            "baking", "stoppingOriginal", "holding", "terminatingOriginal", "succeeded", "rollingBack",
            "retiringReplacement", "rolledBack", "cancelled", "refused", "needsOperator",
            "cordoning", "snapshotting", "updating", "rebooting", "uncordoning", "restoringSnapshot",
        ]
        #expect(names == expected)
    }

    @Test("`refusal` and `nextCommands` agree with `decide`", arguments: Situation.allCases)
    func refusals(_ situation: Situation) {
        Self.expectCommands(StateTable.legal(in: situation), in: situation.swap)
    }

    @Test("The same in place", arguments: InPlaceSituation.allCases)
    func inPlaceRefusals(_ situation: InPlaceSituation) {
        Self.expectCommands(InPlaceTable.legal(in: situation), in: situation.swap)
    }

    private static func expectCommands(_ legal: [EventKind: String], in swap: Swap) {
        for command in OperatorCommand.allCases {
            let isLegal = EventKind(rawValue: command.rawValue).map { legal[$0] != nil }
            #expect((swap.refusal(of: command) == nil) == isLegal)
            #expect(swap.nextCommands.contains("changeover \(command.rawValue) s-1") == isLegal)
        }
    }
}

/// Where each legal event leads; whatever is not named is not accepted.
enum StateTable {
    static func legal(in situation: Situation) -> [EventKind: String] {
        let state = situation.swap.state.name
        var legal: [EventKind: String] = [.driven: state == "planned" ? "preflight" : state]
        // Who takes up the end of the original looks at the replacement again before making the call.
        if situation == .terminatingCall { legal[.driven] = "holding" }
        if !situation.swap.state.isFinal { legal[.pause] = state }
        legal.merge(progress(situation)) { $1 }
        legal.merge(commands(situation)) { $1 }
        legal.merge(timers(situation)) { $1 }
        return legal
    }

    private static func progress(_ situation: Situation) -> [EventKind: String] {
        switch situation {
        case .preflight: [.preflightClear: "launching", .preflightObstacle: "refused"]
        case .launching: [.callSucceeded: "booting", .callFailed: "refused", .callUncertain: "rollingBack"]
        case .booting: [.observed: "patching", .observationFailed: "retiringReplacement"]
        case .patchingFirstBoot: [.observed: "patching", .observationFailed: "retiringReplacement"]
        case .patchingLeftovers: [.observed: "verifying", .observationFailed: "retiringReplacement"]
        case .verifying:
            [
                .passed: "awaitingApproval", .warned: "awaitingApproval", .inconclusive: "awaitingApproval",
                .failed: "retiringReplacement",
            ]
        case .promotingCall: [.callSucceeded: "promoting", .callFailed: "rollingBack", .callUncertain: "rollingBack"]
        case .promotingObservation: [.observed: "promoting", .observationFailed: "rollingBack"]
        case .baking:
            [
                .passed: "stoppingOriginal", .warned: "awaitingApproval", .inconclusive: "awaitingApproval",
                .failed: "rollingBack",
            ]
        case .stoppingObservation: [.observed: "stoppingOriginal", .observationFailed: "rollingBack"]
        case .stoppingCall:
            [.callSucceeded: "stoppingOriginal", .callFailed: "rollingBack", .callUncertain: "rollingBack"]
        case .confirming: [.observed: "holding", .observationFailed: "needsOperator"]
        case .confirmingChecks:
            [
                .passed: "terminatingOriginal", .warned: "terminatingOriginal", .failed: "needsOperator",
                .inconclusive: "needsOperator",
            ]
        case .terminatingCall:
            [.callSucceeded: "terminatingOriginal", .callFailed: "needsOperator", .callUncertain: "needsOperator"]
        case .terminatingObservation: [.observed: "terminatingOriginal", .observationFailed: "needsOperator"]
        case .rollingBackCall:
            [.callSucceeded: "rollingBack", .callFailed: "needsOperator", .callUncertain: "needsOperator"]
        case .rollingBackObservation: [.observed: "rollingBack", .observationFailed: "needsOperator"]
        case .settlingLaunch: [.observed: "retiringReplacement", .observationFailed: "needsOperator"]
        case .retiringEvidence: [.evidenceSaved: "retiringReplacement"]
        case .retiringCall:
            [.callSucceeded: "retiringReplacement", .callFailed: "needsOperator", .callUncertain: "needsOperator"]
        case .planned, .askedByPolicy, .askedByWarning, .askedInconclusive, .askedAfterBake, .holding, .succeeded,
            .rolledBack, .cancelled, .refused, .stoppedWhileTerminating, .stoppedWhileRollingBack,
            .stoppedWhileHolding:
            [:]
        }
    }

    private static func commands(_ situation: Situation) -> [EventKind: String] {
        switch situation {
        case .planned, .preflight: [.cancel: "cancelled"]
        case .launching: [.rollback: "rollingBack", .cancel: "rollingBack"]
        case .booting, .patchingFirstBoot, .patchingLeftovers, .verifying:
            [.rollback: "retiringReplacement", .cancel: "retiringReplacement"]
        case .askedByPolicy, .askedByWarning:
            [
                .approve: "promoting", .promote: "promoting", .rollback: "retiringReplacement",
                .cancel: "retiringReplacement",
            ]
        case .askedInconclusive:
            [.promote: "promoting", .rollback: "retiringReplacement", .cancel: "retiringReplacement"]
        case .askedAfterBake: [.promote: "stoppingOriginal", .rollback: "rollingBack", .cancel: "rollingBack"]
        case .promotingCall, .promotingObservation, .baking, .stoppingObservation, .stoppingCall:
            [.rollback: "rollingBack", .cancel: "rollingBack"]
        case .holding, .confirming, .confirmingChecks: [.undo: "rollingBack", .retire: "holding"]
        case .stoppedWhileRollingBack:
            [.resume: "rollingBack", .rollback: "rollingBack", .cancel: "rollingBack", .retire: "holding"]
        case .stoppedWhileHolding, .stoppedWhileTerminating:
            [.resume: "holding", .rollback: "rollingBack", .cancel: "rollingBack", .retire: "holding"]
        case .terminatingCall, .terminatingObservation, .succeeded, .rollingBackCall, .rollingBackObservation,
            .settlingLaunch, .retiringEvidence, .retiringCall, .rolledBack, .cancelled, .refused:
            [:]
        }
    }

    private static func timers(_ situation: Situation) -> [EventKind: String] {
        switch situation {
        case .preflight: [.stateTimer: "refused", .totalTimer: "refused"]
        case .launching, .promotingCall, .promotingObservation, .baking, .stoppingObservation, .stoppingCall:
            [.stateTimer: "rollingBack", .totalTimer: "rollingBack"]
        case .booting, .patchingFirstBoot, .patchingLeftovers, .verifying:
            [.stateTimer: "retiringReplacement", .totalTimer: "retiringReplacement"]
        case .askedInconclusive: [.stateTimer: "retiringReplacement"]
        case .askedAfterBake: [.stateTimer: "rollingBack"]
        case .holding: [.holdTimer: "holding"]
        case .confirming, .confirmingChecks, .terminatingCall, .terminatingObservation, .rollingBackCall,
            .rollingBackObservation, .settlingLaunch, .retiringEvidence, .retiringCall:
            [.stateTimer: "needsOperator"]
        case .planned, .askedByPolicy, .askedByWarning, .succeeded, .rolledBack, .cancelled, .refused,
            .stoppedWhileTerminating, .stoppedWhileRollingBack, .stoppedWhileHolding:
            [:]
        }
    }
}
