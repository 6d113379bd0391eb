import Workflow

/// Where each legal event leads in an update in place; whatever is not named is not accepted.
enum InPlaceTable {
    static func legal(in situation: InPlaceSituation) -> [EventKind: String] {
        let state = situation.swap.state.name
        var legal: [EventKind: String] = [.driven: state]
        if !situation.swap.state.isFinal { legal[.pause] = state }
        legal.merge(progress(situation)) { $1 }
        legal.merge(commands(situation)) { $1 }
        legal.merge(timers(situation)) { $1 }
        return legal
    }

    private static func call(_ done: String, _ failed: String) -> [EventKind: String] {
        [.callSucceeded: done, .callFailed: failed, .callUncertain: failed]
    }

    private static func progress(_ situation: InPlaceSituation) -> [EventKind: String] {
        switch situation {
        case .preflight: [.preflightClear: "cordoning", .preflightObstacle: "refused"]
        case .cordoningCall: call("cordoning", "uncordoning")
        case .cordoningObservation:
            [.observed: "cordoning", .observationFailed: "uncordoning"]
        case .snapshotting: call("updating", "uncordoning")
        case .updatingCall: call("updating", "restoringSnapshot")
        case .updatingObservation:
            [
                .updateEnded: "rebooting", .updateFailed: "restoringSnapshot", .updateFailedUnchanged: "uncordoning",
                .observationFailed: "restoringSnapshot", .effectMissing: "updating",
            ]
        case .updatingWithoutSnapshot:
            [
                .updateEnded: "rebooting", .updateFailed: "needsOperator", .updateFailedUnchanged: "uncordoning",
                .observationFailed: "needsOperator", .effectMissing: "updating",
            ]
        case .rebootingCall: call("rebooting", "restoringSnapshot")
        case .rebootingObservation:
            [.observed: "verifying", .observationFailed: "restoringSnapshot", .effectMissing: "rebooting"]
        case .verifyingPatches: [.observed: "verifying", .observationFailed: "restoringSnapshot"]
        case .verifyingChecks:
            [
                .passed: "uncordoning", .warned: "awaitingApproval", .inconclusive: "awaitingApproval",
                .failed: "restoringSnapshot",
            ]
        case .verifyingWithoutSnapshot:
            [
                .passed: "uncordoning", .warned: "awaitingApproval", .inconclusive: "awaitingApproval",
                .failed: "needsOperator",
            ]
        case .uncordoning: call("uncordoning", "restoringSnapshot")
        case .finishing, .uncordoningBack: call("uncordoning", "needsOperator")
        case .restoringEvidence: [.evidenceSaved: "restoringSnapshot"]
        case .uncordoningUnchanged: [.evidenceSaved: "uncordoning"]
        case .restoringCall: call("restoringSnapshot", "needsOperator")
        case .restoringObservation:
            [.observed: "restoringSnapshot", .observationFailed: "needsOperator"]
        case .fallbackOffered, .askedByWarning, .askedInconclusive, .updated, .rolledBack, .cancelled,
            .stoppedWhileUpdating, .stoppedWhileVerifying, .stoppedWhileRestoring, .stoppedWhileUncordoning:
            [:]
        }
    }

    private static func commands(_ situation: InPlaceSituation) -> [EventKind: String] {
        switch situation {
        case .preflight: [.cancel: "cancelled"]
        case .fallbackOffered: [.approve: "preflight", .promote: "preflight", .cancel: "cancelled"]
        case .cordoningCall, .cordoningObservation, .snapshotting: [.rollback: "uncordoning", .cancel: "uncordoning"]
        case .updatingCall, .updatingObservation, .rebootingCall, .rebootingObservation, .verifyingPatches,
            .verifyingChecks, .uncordoning:
            [.rollback: "restoringSnapshot", .cancel: "restoringSnapshot"]
        case .askedByWarning:
            [
                .approve: "uncordoning", .promote: "uncordoning", .rollback: "restoringSnapshot",
                .cancel: "restoringSnapshot",
            ]
        case .askedInconclusive:
            [.promote: "uncordoning", .rollback: "restoringSnapshot", .cancel: "restoringSnapshot"]
        case .stoppedWhileUpdating: [.resume: "updating", .cancel: "cancelled"]
        case .stoppedWhileVerifying: [.resume: "verifying", .cancel: "cancelled"]
        case .stoppedWhileRestoring:
            [.resume: "restoringSnapshot", .rollback: "restoringSnapshot", .cancel: "restoringSnapshot"]
        case .stoppedWhileUncordoning: [.resume: "uncordoning", .cancel: "cancelled"]
        case .updatingWithoutSnapshot, .verifyingWithoutSnapshot, .finishing, .restoringEvidence, .restoringCall,
            .restoringObservation, .uncordoningBack, .uncordoningUnchanged, .updated, .rolledBack, .cancelled:
            [:]
        }
    }

    private static func timers(_ situation: InPlaceSituation) -> [EventKind: String] {
        switch situation {
        case .preflight: [.stateTimer: "refused", .totalTimer: "refused"]
        case .cordoningCall, .cordoningObservation, .snapshotting:
            [.stateTimer: "uncordoning", .totalTimer: "uncordoning"]
        case .updatingCall, .updatingObservation, .rebootingCall, .rebootingObservation, .verifyingPatches,
            .verifyingChecks, .uncordoning:
            [.stateTimer: "restoringSnapshot", .totalTimer: "restoringSnapshot"]
        case .updatingWithoutSnapshot, .verifyingWithoutSnapshot, .finishing:
            [.stateTimer: "needsOperator", .totalTimer: "needsOperator"]
        case .askedInconclusive: [.stateTimer: "restoringSnapshot"]
        case .restoringEvidence, .restoringCall, .restoringObservation, .uncordoningBack, .uncordoningUnchanged:
            [.stateTimer: "needsOperator"]
        case .fallbackOffered, .askedByWarning, .updated, .rolledBack, .cancelled, .stoppedWhileUpdating,
            .stoppedWhileVerifying, .stoppedWhileRestoring, .stoppedWhileUncordoning:
            [:]
        }
    }
}
