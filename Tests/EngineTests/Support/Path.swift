import Engine
import TestSupport
import Workflow

/// A way through a swap that needs nobody, with the end it must come to.
enum Path: String, CaseIterable, Sendable {
    case succeeds, rollsBackAfterVerify, rollsBackAfterBake, twoRouters

    var plan: Plan {
        let policy = SampleSwap.policy(approval: .auto, hold: .seconds(2))
        return self == .twoRouters
            ? SampleSwap.plan(routes: [SampleSwap.web, SampleSwap.api], policy: policy)
            : SampleSwap.plan(policy: policy)
    }

    var options: DriveOptions { DriveOptions(waitsForHold: true) }

    func bench() async -> Bench {
        let bench = Bench(plan)
        switch self {
        case .succeeds, .twoRouters: break
        case .rollsBackAfterVerify: await bench.assessor.script(.verify, [SampleSwap.result(.fail)])
        case .rollsBackAfterBake: await bench.assessor.script(.bake, [SampleSwap.result(.fail)])
        }
        return bench
    }

    var end: String {
        switch self {
        case .succeeds, .twoRouters: "ended: succeeded"
        case .rollsBackAfterVerify, .rollsBackAfterBake: "ended: rolledBack"
        }
    }

    /// The states of the two instances at the end.
    var states: [String: InstanceState] {
        switch self {
        case .succeeds, .twoRouters: ["i-1": .terminated, "i-2": .running]
        case .rollsBackAfterVerify, .rollsBackAfterBake: ["i-1": .running, "i-2": .terminated]
        }
    }
}
