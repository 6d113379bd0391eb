/// Lays out the steps of an update in place for one swap.
struct InPlaceItinerary {
    let swap: Swap
    let update: UpdatePlan

    private var plan: Plan { swap.plan }
    private var original: Instance { plan.original }
    private var routers: [RouterName] { plan.routes.map(\.name) }
    private var address: String { original.address ?? "" }

    /// Marks the original as this swap's and takes it out of rotation.
    var cordon: [SwapStep] {
        let mark = [TagChange(OwnershipTag.swap, swap.id.rawValue), TagChange(OwnershipTag.role, "original")]
        return [.call(.tag(original.id, mark))] + withdrawal
    }

    private var withdrawal: [SwapStep] {
        routers.map { traffic($0, .drain) }
            + routers.map { .observe(.drained($0, original.id, address: address, timeout: plan.policy.drain)) }
            + routers.map { traffic($0, .remove) }
            + routers.map { .observe(.outOfRotation($0, original.id, address: address)) }
    }

    /// Takes the snapshot.
    var snapshot: [SwapStep] { [.call(.snapshot(original.id, name: swap.snapshotName))] }

    /// Updates the original: the machine works by itself, and its record says how that ended.
    func updating(attempt: Int) -> [SwapStep] {
        let token = UpdateToken("\(swap.id)-\(attempt)")
        let request = UpdateRequest(
            instance: original.id, token: token, policy: update.patch, timeout: plan.policy.deadlines.patch)
        return [.call(.update(request)), .observe(.updateEnded(original.id, token))]
    }

    /// Reboots the original and waits for another boot than the one in which the update ended.
    func reboot(from bootID: String?) -> [SwapStep] {
        [.call(.reboot(original.id, from: bootID)), .observe(.rebooted(original.id, from: bootID))]
    }

    /// Asks what is left to patch and then checks the original's health.
    var verification: [SwapStep] {
        let status: [SwapStep] = update.patch.scope == .none ? [] : [.observe(.fullyPatched(original.id))]
        return status + [.assess(.updateVerification)]
    }

    /// Gives the original its traffic back and leaves it an instance like any other.
    ///
    /// What may be left of a snapshot that was not completed goes before the original serves, since a provider may keep
    /// a machine standing still that it copies; a complete one goes after, when it is needed no more.
    func uncordon(_ inPlace: SwapState.InPlace) -> [SwapStep] {
        let deletion: [SwapStep] =
            inPlace.mayHaveSnapshot ? [.call(.deleteSnapshot(original.id, name: swap.snapshotName))] : []
        let isEarly = !inPlace.mayHaveUpdated
        let clear = [
            TagChange(OwnershipTag.swap, nil), TagChange(OwnershipTag.role, nil),
            TagChange(OwnershipTag.lastSwap, swap.id.rawValue),
        ]
        return (isEarly ? deletion : []) + routers.map { traffic($0, .restore) }
            + routers.map { .observe(.inService($0, original.id, address: address)) }
            + (isEarly ? [] : deletion)
            + [.call(.tag(original.id, inPlace.cause == nil ? clear : Array(clear.prefix(2))))]
    }

    /// Checks an original that a failed update left as it was.
    var unchanged: [SwapStep] { [.saveEvidence, .assess(.restored)] }

    /// Brings the original back to its snapshot, out of rotation, and checks it.
    var restoration: [SwapStep] {
        [.saveEvidence] + withdrawal + [
            .call(.restore(original.id, name: swap.snapshotName)), .observe(.running(original.id)), .assess(.restored),
        ]
    }

    private func traffic(_ router: RouterName, _ action: TrafficChange.Action) -> SwapStep {
        .call(.traffic(router, TrafficChange(action, instance: original.id, address: original.address)))
    }
}
