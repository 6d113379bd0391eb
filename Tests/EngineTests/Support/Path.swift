import Engine
import TestSupport
import Workflow

/// A way through a swap that needs nobody, with the end it must come to.
enum Path: String, CaseIterable, Sendable {
    case succeeds, rollsBackAfterVerify, rollsBackAfterBake, twoRouters
    case updatesInPlace, restoresSnapshot, restoresAfterFailedUpdate, fallsBack

    var plan: Plan {
        let policy = SampleSwap.policy(approval: .auto, hold: .seconds(2))
        var plan = SampleSwap.plan(
            routes: self == .twoRouters ? [SampleSwap.web, SampleSwap.api] : [SampleSwap.web], policy: policy)
        let update = UpdatePlan(patch: PatchPolicy(), takesSnapshot: true)
        switch self {
        case .updatesInPlace, .restoresSnapshot, .restoresAfterFailedUpdate:
            (plan.strategy, plan.update) = (.inPlace, update)
        case .fallsBack: (plan.fallback, plan.update) = (FallbackPolicy(approval: .auto), update)
        case .succeeds, .rollsBackAfterVerify, .rollsBackAfterBake, .twoRouters: break
        }
        return plan
    }

    var options: DriveOptions { DriveOptions(waitsForHold: true) }

    func bench() async -> Bench {
        let bench = Bench(plan)
        switch self {
        case .succeeds, .twoRouters, .updatesInPlace: break
        case .restoresAfterFailedUpdate: await bench.updater.fail("dpkg failed")
        case .fallsBack:
            await bench.cloud.setLaunchFindings([
                PreflightFinding(.obstacle, code: "capacity", message: "There is no room.")
            ])
        case .rollsBackAfterVerify, .restoresSnapshot: await bench.assessor.script(.verify, [SampleSwap.result(.fail)])
        case .rollsBackAfterBake: await bench.assessor.script(.bake, [SampleSwap.result(.fail)])
        }
        return bench
    }

    var end: String {
        switch self {
        case .succeeds, .twoRouters, .updatesInPlace, .fallsBack: "ended: succeeded"
        case .rollsBackAfterVerify, .rollsBackAfterBake, .restoresSnapshot, .restoresAfterFailedUpdate:
            "ended: rolledBack"
        }
    }

    /// The states of the two instances at the end.
    var states: [String: InstanceState] {
        switch self {
        case .succeeds, .twoRouters: ["i-1": .terminated, "i-2": .running]
        case .rollsBackAfterVerify, .rollsBackAfterBake: ["i-1": .running, "i-2": .terminated]
        case .updatesInPlace, .restoresSnapshot, .restoresAfterFailedUpdate, .fallsBack: ["i-1": .running]
        }
    }
}
