public import Providers
import Workflow

/// A fault of a rehearsal, and the state of the swap in which it is let loose.
public struct RehearsedFault: Sendable, Hashable {
    /// The fault.
    public let fault: SimulatedFault
    /// The name of the state on whose entry it is let loose; in `holding` what does not last comes at the hold's end.
    public let state: String

    /// Lets a fault loose where it is usually met, which without routers is never on the way of the traffic.
    public init(_ fault: SimulatedFault, hasTraffic: Bool) {
        self.fault = fault
        let usual = fault.usualState
        // Without a router nothing is promoted: the swap goes from its checks straight to the bake.
        let isElsewhere = usual == "promoting" && !hasTraffic && FaultTable.states(of: fault).contains("baking")
        state = isElsewhere ? "baking" : usual
    }

    /// Lets a fault loose in a state; `nil` when it cannot bite there.
    public init?(_ fault: SimulatedFault, in state: String) {
        guard Self.states(of: fault).contains(state) else { return nil }
        self.fault = fault
        self.state = state
    }

    /// The names of all states in which faults are let loose, in the order of a swap.
    public static let allStates = FaultTable.states

    /// The names of the states in which a fault can bite, in the order of a swap.
    public static func states(of fault: SimulatedFault) -> [String] {
        FaultTable.states.filter(FaultTable.states(of: fault).contains)
    }

    /// Whether it lies behind the point at which `swap` is done.
    var isAfterHold: Bool { state == "holding" || state == "terminatingOriginal" }
}

extension SimulatedFault {
    /// What happens, in one sentence.
    public var meaning: String {
        switch self {
        case .lostRequest: "A request never arrives; the connection is reset."
        case .lostAnswer: "A request takes effect and its answer is lost."
        case .duplicate: "A request arrives twice."
        case .slowAnswer: "An answer takes longer than a call may."
        case .garbledAnswer: "An answer is cut off in the middle."
        case .outage: "Neither cloud nor routers answer for 20 s."
        case .throttle: "The account's request budget is spent for 30 s."
        case .expiredCredentials: "The credentials have expired, for 20 s."
        case .staleReads: "What the cloud answers lags behind by seconds, for a minute."
        case .capacity: "The cloud has no room for the replacement."
        case .quota: "An account's limit is reached."
        case .protection: "Somebody protects the instance against termination."
        case .foreignTag: "Somebody else's tool changes the tag that says whose the instance is."
        case .slowBoot: "Booting takes a minute longer."
        case .stuckBoot: "The replacement never comes up."
        case .failedBoot: "First boot ends with an error."
        case .unpatched: "Updates are left after first boot."
        case .failingCheck: "The replacement fails its checks from then on."
        case .flappingCheck: "The replacement fails for a moment and recovers."
        case .warningCheck: "The checks pass with warnings, for 30 s."
        case .unmeasurableCheck: "The checks cannot be measured from our side, for a minute."
        case .vanishedReplacement: "Somebody else terminates the replacement."
        case .sickOriginal: "The original's service dies."
        case .vanishedOriginal: "Somebody else terminates the original."
        case .slowStop: "A stop or an end takes more than half a minute."
        case .routerOutage: "A router does not answer for 8 s."
        case .routerRefusal: "A router refuses a change."
        case .slowRouterHealth: "A router takes 30 s to see a new member healthy."
        case .partialShift: "A change reaches the whole router seconds late."
        case .clockForward: "The wall clock jumps a minute ahead."
        case .clockBack: "The wall clock jumps a minute back."
        case .diskFull: "The disk is full for 30 s; nothing can be recorded."
        case .failedSync: "A record is written, and the disk reports an error."
        case .slowStore: "A record takes 20 s to be written."
        case .interrupt: "Somebody presses Ctrl-C."
        case .crash: "The process is killed."
        case .crashBeforeWrite: "The process is killed just before it records something."
        case .crashAfterWrite: "The process is killed just after it recorded something."
        case .stall: "The process stands still for three minutes, and `resume` takes over."
        case .rival: "Somebody swaps the same instance at the same time."
        }
    }

    /// The state in which it is usually met, or in which it is most instructive.
    var usualState: String {
        switch self {
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .garbledAnswer, .outage, .throttle,
            .expiredCredentials, .capacity, .quota, .slowBoot, .stuckBoot, .failedBoot, .unpatched,
            .crashBeforeWrite, .crashAfterWrite:
            "launching"
        case .staleReads: "booting"
        case .sickOriginal: "preflight"
        case .failingCheck, .warningCheck, .unmeasurableCheck: "verifying"
        case .routerOutage, .routerRefusal, .slowRouterHealth, .partialShift, .diskFull, .failedSync, .slowStore,
            .crash, .stall, .rival:
            "promoting"
        case .flappingCheck, .vanishedReplacement, .vanishedOriginal, .clockForward, .clockBack, .interrupt: "baking"
        case .slowStop: "stoppingOriginal"
        case .protection, .foreignTag: "holding"
        }
    }

    /// How long it lasts, where it lasts a while.
    var rehearsedLength: Span {
        switch self {
        case .outage, .expiredCredentials, .slowStore: .seconds(20)
        case .throttle, .warningCheck, .slowRouterHealth, .diskFull: .seconds(30)
        case .routerOutage: .seconds(8)
        case .flappingCheck: .seconds(15)
        case .staleReads, .unmeasurableCheck, .clockForward, .clockBack: .minutes(1)
        case .stall: .minutes(3)
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .garbledAnswer, .capacity, .quota, .protection,
            .foreignTag, .slowBoot, .stuckBoot, .failedBoot, .unpatched, .failingCheck, .vanishedReplacement,
            .sickOriginal, .vanishedOriginal, .slowStop, .routerRefusal, .partialShift, .failedSync, .interrupt,
            .crash, .crashBeforeWrite, .crashAfterWrite, .rival:
            .zero
        }
    }

    /// Whether it stays until somebody mends it.
    var lasts: Bool {
        switch self {
        case .protection, .foreignTag, .failingCheck, .vanishedReplacement, .vanishedOriginal, .sickOriginal: true
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .garbledAnswer, .outage, .throttle,
            .expiredCredentials, .staleReads, .capacity, .quota, .slowBoot, .stuckBoot, .failedBoot, .unpatched,
            .flappingCheck, .warningCheck, .unmeasurableCheck, .slowStop, .routerOutage, .routerRefusal,
            .slowRouterHealth, .partialShift, .clockForward, .clockBack, .diskFull, .failedSync, .slowStore,
            .interrupt, .crash, .crashBeforeWrite, .crashAfterWrite, .stall, .rival:
            false
        }
    }

    /// Whether it befalls a process at some moment of its work, and not at the very beginning of a state.
    var comesInBetween: Bool {
        switch self {
        case .interrupt, .crash, .stall, .rival, .clockForward, .clockBack: true
        case .lostRequest, .lostAnswer, .duplicate, .slowAnswer, .garbledAnswer, .outage, .throttle,
            .expiredCredentials, .staleReads, .capacity, .quota, .protection, .foreignTag, .slowBoot, .stuckBoot,
            .failedBoot, .unpatched, .failingCheck, .flappingCheck, .warningCheck, .unmeasurableCheck,
            .vanishedReplacement, .sickOriginal, .vanishedOriginal, .slowStop, .routerOutage, .routerRefusal,
            .slowRouterHealth, .partialShift, .diskFull, .failedSync, .slowStore, .crashBeforeWrite,
            .crashAfterWrite:
            false
        }
    }
}
