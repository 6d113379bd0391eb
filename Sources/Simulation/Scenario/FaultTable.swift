import Providers
import Workflow

/// In which states a fault can bite at all.
///
/// A state that makes no call cannot lose an answer, and only a launch can meet a cloud without room; every other
/// combination is a cell of the coverage table and must be hit.
enum FaultTable {
    /// The states in which faults are injected, in the order of a swap.
    static let states = [
        "preflight", "launching", "booting", "patching", "verifying", "awaitingApproval", "promoting", "baking",
        "stoppingOriginal", "holding", "terminatingOriginal", "rollingBack", "retiringReplacement",
    ]

    private static let cloudReads: Set<String> = [
        "preflight", "launching", "booting", "patching", "stoppingOriginal", "terminatingOriginal", "rollingBack",
        "retiringReplacement",
    ]
    private static let anyExchange = cloudReads.union(["promoting", "holding"])
    private static let mutating: Set<String> = [
        "launching", "promoting", "stoppingOriginal", "terminatingOriginal", "rollingBack", "retiringReplacement",
    ]
    private static let replacementLives: Set<String> = [
        "booting", "patching", "verifying", "awaitingApproval", "promoting", "baking", "stoppingOriginal", "holding",
        "terminatingOriginal", "rollingBack", "retiringReplacement",
    ]
    private static let all = Set(states)

    /// The states in which a fault can bite.
    static func states(of fault: SimulatedFault) -> Set<String> {
        switch fault {
        case .lostRequest, .lostAnswer, .slowAnswer, .garbledAnswer, .outage: anyExchange
        case .duplicate: mutating
        case .throttle, .expiredCredentials, .staleReads: cloudReads
        case .capacity, .quota: ["launching"]
        case .slowBoot, .stuckBoot: ["launching", "booting", "patching"]
        case .failedBoot, .unpatched: ["launching", "booting", "patching"]
        case .failingCheck, .flappingCheck, .warningCheck, .unmeasurableCheck:
            replacementLives.subtracting(["rollingBack", "retiringReplacement"])
        case .protection, .foreignTag, .vanishedReplacement: replacementLives
        case .sickOriginal: all.subtracting(["holding", "terminatingOriginal"])
        case .vanishedOriginal: all
        case .slowStop: ["stoppingOriginal", "terminatingOriginal", "retiringReplacement"]
        case .routerOutage: ["preflight", "promoting", "stoppingOriginal", "holding", "rollingBack"]
        case .routerRefusal, .partialShift, .slowRouterHealth: ["promoting", "rollingBack"]
        case .clockForward, .clockBack, .stall, .rival, .crash, .interrupt: all
        case .diskFull, .failedSync, .slowStore, .crashBeforeWrite, .crashAfterWrite: all
        }
    }

    /// Whether few swaps reach a state, so that it is used well by those that do.
    static func isRare(_ state: String) -> Bool { ["rollingBack", "retiringReplacement"].contains(state) }

    /// Whether only swaps that got through most of the others reach a state.
    static func isLate(_ state: String) -> Bool {
        ["stoppingOriginal", "holding", "terminatingOriginal"].contains(state)
    }

    /// How often a state's faults are drawn in one run: more often where few runs come.
    static func weight(of state: String) -> Int {
        if state == "terminatingOriginal" { return 11 }
        if isLate(state) { return 4 }
        if isRare(state) { return 3 }
        return ["awaitingApproval", "promoting", "baking"].contains(state) ? 2 : 1
    }

    /// A part of a swap's way.
    enum Part: CaseIterable {
        /// Up to a patched replacement.
        case early
        /// Up to the end of the bake.
        case middle
        /// Up to the end of the original.
        case late
    }

    /// The states of a part, those more often that are over before most of what is drawn for them comes; each part may
    /// lead back.
    static func states(in part: Part) -> [String] {
        let forth =
            switch part {
            case .early:
                [
                    "preflight", "preflight", "launching", "launching", "launching", "booting", "booting", "patching",
                    "patching",
                    "patching",
                    "patching",
                ]
            case .middle:
                [
                    "verifying", "verifying", "awaitingApproval", "awaitingApproval", "promoting", "promoting",
                    "baking", "baking", "baking",
                ]
            case .late:
                [
                    "stoppingOriginal", "stoppingOriginal", "holding", "holding", "terminatingOriginal",
                    "terminatingOriginal", "terminatingOriginal", "terminatingOriginal", "terminatingOriginal",
                ]
            }
        return forth + ["rollingBack", "retiringReplacement"]
    }

    /// Whether `rollback` is legal in a state.
    static func canTurnBack(_ state: String) -> Bool {
        !["preflight", "holding", "terminatingOriginal", "rollingBack", "retiringReplacement"].contains(state)
    }

    /// Whether a swap that suffers this on its way forward usually goes back.
    static func isFatal(_ fault: SimulatedFault) -> Bool {
        switch fault {
        case .capacity, .quota, .stuckBoot, .failedBoot, .unpatched, .failingCheck, .vanishedReplacement,
            .vanishedOriginal, .garbledAnswer, .expiredCredentials, .foreignTag, .protection, .routerRefusal,
            .sickOriginal, .slowBoot, .unmeasurableCheck:
            true
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .outage, .throttle, .staleReads, .flappingCheck,
            .warningCheck, .slowStop, .routerOutage, .slowRouterHealth, .partialShift, .clockForward, .clockBack,
            .diskFull, .failedSync, .slowStore, .crash, .crashBeforeWrite, .crashAfterWrite, .stall, .rival,
            .interrupt:
            false
        }
    }
}
