import TestSupport
import Workflow

/// Follows a script's calls on a model of the world and lists what should never happen.
enum Traffic {
    private struct World {
        var serving: [RouterName: Set<InstanceID>] = [:]
        var stopped: Set<InstanceID> = []
        var terminated: Set<InstanceID> = []
        var problems: [String] = []

        mutating func call(_ request: CallRequest) {
            switch request {
            case .traffic(let router, let change):
                switch change.action {
                case .register, .restore: break
                case .drain, .remove: takeOut(change.instance, of: router)
                }
            case .stop(let id):
                requireOut(id, for: request)
                stopped.insert(id)
            case .terminate(let id):
                requireOut(id, for: request)
                terminated.insert(id)
                if terminated.count > 1 { problems.append("both instances are terminated") }
                let other = id == SampleSwap.original.id ? SampleSwap.replacement.id : SampleSwap.original.id
                if stopped.contains(other) { problems.append("\(request.summary) while \(other) is stopped") }
            case .start(let id): stopped.remove(id)
            case .update(let request): requireOut(request.instance, for: .update(request))
            case .reboot(let id, _), .restore(let id, _): requireOut(id, for: request)
            case .launch, .tag, .snapshot, .deleteSnapshot: break
            }
        }

        private mutating func takeOut(_ id: InstanceID, of router: RouterName) {
            serving[router]?.remove(id)
            if serving[router]?.isEmpty == true { problems.append("\(router) was left without a healthy member") }
        }

        private mutating func requireOut(_ id: InstanceID, for request: CallRequest) {
            for (router, members) in serving where members.contains(id) {
                problems.append("\(request.summary) while it serves on \(router)")
            }
        }
    }

    static func problems(in script: SwapScript) -> [String] {
        var world = World()
        // Only an update in place needs somebody else to serve meanwhile.
        let others = script.swap.strategy == .inPlace ? [InstanceID("i-other")] : []
        for route in script.swap.plan.routes {
            world.serving[route.name] = Set([SampleSwap.original.id] + others)
        }
        let refused = script.records.compactMap { record -> Int? in
            guard case .callFailed(let number, let failure) = record.entry.event else { return nil }
            return failure.isUncertain ? nil : number
        }
        for record in script.records {
            if case .observed(.inService(let router, let id, _), _) = record.entry.event {
                world.serving[router]?.insert(id)
            }
            for call in record.entry.intents where !refused.contains(call.number) { world.call(call.request) }
        }
        return world.problems
    }
}
