import Engine
import Workflow

/// A plan with the id that its swap will have, so that what planning asked of the provider counts for that swap.
struct PlannedSwap: Sendable {
    let id: SwapID
    let plan: Plan
}

extension SwapID {
    /// A new id of six characters that cannot be mistaken for each other.
    static func random() -> SwapID {
        let letters = Array("23456789abcdefghjkmnpqrstuvwxyz")
        return SwapID("swap-" + String((0..<6).map { _ in letters[Int.random(in: 0..<letters.count)] }))
    }
}

extension Workspace {
    /// How many instances are planned at once.
    private static let planningWidth = 8

    /// Why there is nothing to plan.
    static let noInstance = CommandFailure(
        .usage, code: "no-instance",
        "no instance to swap: name one, or let the playbook select running ones by `instances` or `select`")

    /// Computes the plans of instances named, or else selected by the playbook; reads only.
    func plans(instances names: [String], playbook path: String?) async throws -> [PlannedSwap] {
        let selection = try loadPlaybook(path).playbook.selection
        let plans = try await plans(
            instances: names.isEmpty ? selection.instances : names, tags: names.isEmpty ? selection.tags : [:],
            playbook: path)
        guard !plans.isEmpty else { throw Self.noInstance }
        return plans
    }

    /// Computes the plans of instances by name, then of running ones by tags; reads only.
    ///
    /// A replacement inherits its original's tags, so tags pass over what a live swap has brought up.
    func plans(instances names: [String], tags: [String: String], playbook path: String?) async throws -> [PlannedSwap]
    {
        let loaded = try loadPlaybook(path)
        let provider = try providerName(loaded.playbook.provider)
        let planner = try planner(provider: provider, routes: loaded.playbook.routes)
        let first = SwapID.random()
        let originals = try await RequestTally.$swap.withValue(first) {
            let named = try await planner.instances(named: names)
            guard named.isEmpty && !tags.isEmpty else { return named }
            return try await planner.instances(tagged: tags).filter { $0.tags[OwnershipTag.role] != "replacement" }
        }
        return try await inOrder(originals) { index, original in
            let id = index == 0 ? first : SwapID.random()
            return try await RequestTally.$swap.withValue(id) {
                let plan = try await planner.plan(
                    for: original, playbook: loaded.playbook, providerName: provider, checks: loaded.checks)
                return PlannedSwap(id: id, plan: plan)
            }
        }
    }

    /// What `body` makes of each instance, several at once, in their order.
    func inOrder<Value: Sendable>(
        _ originals: [Instance], _ body: @escaping @Sendable (Int, Instance) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var results = [Value?](repeating: nil, count: originals.count)
            for (index, original) in originals.enumerated() {
                if index >= Self.planningWidth, let (done, value) = try await group.next() { results[done] = value }
                group.addTask { (index, try await body(index, original)) }
            }
            for try await (done, value) in group { results[done] = value }
            return results.compactMap(\.self)
        }
    }
}
