/// Lays out the steps by which traffic and identity move, forth and back, for one plan and replacement.
struct Itinerary {
    let plan: Plan
    let replacement: Instance

    private var original: Instance { plan.original }
    private var routers: [RouterName] { plan.routes.map(\.name) }
    private var originalAddress: String { original.address ?? "" }
    private var replacementAddress: String { replacement.address ?? "" }

    /// Adds the replacement everywhere, waits until each router itself sees it healthy, and only then takes the
    /// original out: the last healthy member is never removed.
    var promotion: [SwapStep] {
        routers.map { traffic($0, .register, replacement) }
            + routers.map { .observe(.inService($0, replacement.id, address: replacementAddress)) }
            + routers.map { traffic($0, .drain, original) }
            + routers.map { drained($0, original) }
            + routers.map { traffic($0, .remove, original) }
            + routers.map { .observe(.outOfRotation($0, original.id, address: originalAddress)) }
    }

    /// Marks the original as this swap's and stops it, once every router was seen to send it nothing.
    func stopping(for swap: SwapID) -> [SwapStep] {
        routers.map { .observe(.outOfRotation($0, original.id, address: originalAddress)) } + [
            .call(
                .tag(
                    original.id,
                    [TagChange(OwnershipTag.swap, swap.rawValue), TagChange(OwnershipTag.role, "original")])),
            .call(.stop(original.id)), .observe(.stopped(original.id)),
        ]
    }

    /// The last look before the point of no return: the replacement serves and is healthy, the original is out.
    var confirmation: [SwapStep] {
        routers.map { .observe(.inService($0, replacement.id, address: replacementAddress)) }
            + routers.map { .observe(.outOfRotation($0, original.id, address: originalAddress)) }
            + [.assess(Assessment(subject: .replacement, phase: .bake, length: .once))]
    }

    /// Terminates the original and then makes the replacement an instance like any other.
    func termination(for swap: SwapID) -> [SwapStep] {
        [
            .call(.terminate(original.id)), .observe(.terminated(original.id)),
            .call(
                .tag(
                    replacement.id,
                    [
                        TagChange(OwnershipTag.swap, nil), TagChange(OwnershipTag.token, nil),
                        TagChange(OwnershipTag.role, nil), TagChange(OwnershipTag.lastSwap, swap.rawValue),
                    ])),
        ]
    }

    /// Ends a replacement that is out of rotation, once its evidence is saved.
    func retirement(keeping: Bool) -> [SwapStep] {
        if keeping { return [.saveEvidence, .call(.tag(replacement.id, [TagChange(OwnershipTag.role, "kept")]))] }
        return [
            .saveEvidence, .call(.terminate(replacement.id)), .observe(.terminated(replacement.id)),
        ]
    }

    /// The inverse of whatever `state` may have changed: a step that has begun counts as done.
    func inverse(of state: SwapState, for swap: SwapID) -> [SwapStep] {
        let begun = Begun(state, original: original, replacement: replacement, plan: plan)
        let served = routers.filter(begun.registered.contains)
        // What a stopped original needs in order to start well comes back to it first.
        let early = plan.routes.filter(\.isNeededToStart).map(\.name).filter {
            begun.stopped && served.contains($0) && begun.drained.contains($0)
        }
        var steps = early.map { traffic($0, .restore, original) }
        if begun.stopped { steps += [.call(.start(original.id)), .observe(.running(original.id))] }
        if begun.tagged {
            let clear = [TagChange(OwnershipTag.swap, nil), TagChange(OwnershipTag.role, nil)]
            steps.append(.call(.tag(original.id, clear)))
        }
        guard begun.stopped || !served.isEmpty else { return steps }
        steps += served.filter { begun.drained.contains($0) && !early.contains($0) }.map {
            traffic($0, .restore, original)
        }
        // Where the original was in service before the swap it must be so again before the replacement leaves.
        steps += served.map { .observe(.inService($0, original.id, address: originalAddress)) }
        steps += served.map { traffic($0, .drain, replacement) }
        steps += served.map { drained($0, replacement) }
        steps += served.map { traffic($0, .remove, replacement) }
        steps += served.map { .observe(.outOfRotation($0, replacement.id, address: replacementAddress)) }
        steps.append(.assess(Assessment(subject: .original, phase: .rollback, length: .once)))
        return steps
    }

    private func traffic(_ router: RouterName, _ action: TrafficChange.Action, _ instance: Instance) -> SwapStep {
        .call(.traffic(router, TrafficChange(action, instance: instance.id, address: instance.address)))
    }

    private func drained(_ router: RouterName, _ instance: Instance) -> SwapStep {
        .observe(.drained(router, instance.id, address: instance.address ?? "", timeout: plan.policy.drain))
    }
}

/// What a swap may have changed so far, as far as its state tells.
private struct Begun {
    var registered: Set<RouterName> = []
    var drained: Set<RouterName> = []
    var tagged = false
    var stopped = false

    init(_ state: SwapState, original: Instance, replacement: Instance, plan: Plan) {
        switch state {
        case .promoting(_, let steps): note(steps.begun, original: original, replacement: replacement, plan: plan)
        case .baking: movedAll(plan)
        case .awaitingApproval(let checkpoint):
            switch checkpoint.next {
            case .promote: break
            case .stopOriginal: movedAll(plan)
            }
        case .stoppingOriginal(_, let steps):
            movedAll(plan)
            note(steps.begun, original: original, replacement: replacement, plan: plan)
        case .holding:
            movedAll(plan)
            tagged = true
            stopped = true
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .terminatingOriginal, .succeeded,
            .rollingBack, .retiringReplacement, .rolledBack, .cancelled, .refused, .needsOperator, .awaitingFallback,
            .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .awaitingUncordon, .uncordoning,
            .restoringSnapshot, .updated:
            break
        }
    }

    private mutating func movedAll(_ plan: Plan) {
        registered = Set(plan.routes.map(\.name))
        drained = registered
    }

    private mutating func note(
        _ steps: ArraySlice<SwapStep>, original: Instance, replacement: Instance, plan: Plan
    ) {
        for case .call(let request) in steps {
            switch request {
            case .traffic(let router, let change) where change.action == .register:
                registered.insert(router)
                // What has one member only takes it from the original as soon as the replacement gets it.
                if plan.routes.contains(where: { $0.name == router && $0.hasOneMember }) { drained.insert(router) }
            case .traffic(let router, _): drained.insert(router)
            case .tag(original.id, _): tagged = true
            case .stop(original.id): stopped = true
            case .launch, .start, .terminate, .tag, .stop, .snapshot, .update, .reboot, .restore, .deleteSnapshot: break
            }
        }
    }
}
