extension Turn {
    /// Takes what the driver reports; whatever does not concern the present state is ignored.
    mutating func progressed(_ event: SwapEvent) {
        switch swap.state {
        case .preflight: preflightProgressed(event)
        case .launching(let call): launchingProgressed(event, call: call)
        case .booting(let replacement): bootingProgressed(event, replacement: replacement)
        case .patching(let replacement, let booted): patchingProgressed(event, replacement, firstBootFinished: booted)
        case .verifying(let replacement): verifyingProgressed(event, replacement: replacement)
        case .baking(let replacement, let watch): bakingProgressed(event, replacement, watch: watch)
        case .promoting, .stoppingOriginal, .holding, .terminatingOriginal, .rollingBack, .retiringReplacement:
            sequenceProgressed(event)
        case .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .uncordoning, .restoringSnapshot:
            inPlaceProgressed(event)
        case .awaitingFallback, .awaitingUncordon, .updated:
            ignore("This does not concern a swap that is \(swap.state.name).")
        case .planned, .awaitingApproval, .succeeded, .rolledBack, .cancelled, .refused, .needsOperator:
            ignore("This does not concern a swap that is \(swap.state.name).")
        }
    }

    private mutating func preflightProgressed(_ event: SwapEvent) {
        guard case .preflightCompleted(let report) = event else { return ignore("Preflight waits for its report.") }
        let obstacles = report.findings.filter { $0.severity == .obstacle }
        guard obstacles.isEmpty else {
            obstacles.forEach { because($0.message) }
            if offersFallback(for: obstacles) { return }
            return enter(.refused(obstacles), within: nil)
        }
        report.findings.forEach { because($0.message) }
        let failing = report.baseline?.results.filter { $0.isEnforced && $0.verdict == .fail } ?? []
        swap.excusedChecks = failing.map(\.check)
        for result in failing {
            because(
                "\(result.check) already fails on the original, so it is no evidence against the "
                    + (swap.strategy == .inPlace ? "update." : "replacement."))
        }
        switch swap.strategy {
        case .blueGreen: launch()
        case .inPlace: cordon()
        }
    }

    private mutating func launch() {
        let request = LaunchRequest(
            token: swap.launchToken, specification: swap.plan.launch,
            ownershipTags: [
                OwnershipTag.swap: swap.id.rawValue, OwnershipTag.token: swap.launchToken.rawValue,
                OwnershipTag.role: "replacement",
            ])
        swap.lastCallNumber += 1
        because("Preflight found no obstacle; launching the replacement.")
        enter(
            .launching(Call(number: swap.lastCallNumber, request: .launch(request))), within: policy.deadlines.boot)
    }

    private mutating func launchingProgressed(_ event: SwapEvent, call: Call) {
        switch event {
        case .callSucceeded(call.number, .launched(let instance)):
            because("\(instance.id) was launched.")
            swap.launched = instance.id
            enter(.booting(replacement: instance), within: policy.deadlines.boot)
        case .callFailed(call.number, let failure):
            let cause = RollbackCause(.failure, "The launch failed: \(failure.detail) [\(failure.code)]")
            if failure.isUncertain { return rollBackFromPresentState(cause) }
            because("No instance was created, and nothing else was changed.")
            because("The launch failed: \(failure.detail) [\(failure.code)]")
            let finding = PreflightFinding(.obstacle, code: failure.code, message: failure.detail)
            if offersFallback(for: [finding]) { return }
            enter(.refused([finding]), within: nil)
        default: ignore("Launching waits for the launch call.")
        }
    }

    private mutating func bootingProgressed(_ event: SwapEvent, replacement: Instance) {
        switch event {
        case .observed(.running(replacement.id), let instance):
            because("\(replacement.id) runs; waiting for its first boot to install updates.")
            enter(
                .patching(replacement: instance ?? replacement, firstBootFinished: false),
                within: policy.deadlines.patch)
        case .observationFailed(.running(replacement.id), let reason):
            rollBack(replacement, RollbackCause(.failure, "The replacement did not boot: \(reason)"))
        default: ignore("Booting waits for the replacement to run.")
        }
    }

    private mutating func patchingProgressed(
        _ event: SwapEvent, _ replacement: Instance, firstBootFinished: Bool
    ) {
        switch (event, firstBootFinished) {
        case (.observed(.firstBootFinished(replacement.id), _), false):
            because("First boot has finished; asking the package manager whether anything is left.")
            swap.state = .patching(replacement: replacement, firstBootFinished: true)
        case (.observed(.fullyPatched(replacement.id), let instance), true):
            because("Nothing is left to patch and no reboot is pending.")
            enter(.verifying(replacement: instance ?? replacement), within: policy.deadlines.verify)
        case (.observationFailed(.firstBootFinished(replacement.id), let reason), false),
            (.observationFailed(.fullyPatched(replacement.id), let reason), true):
            rollBack(replacement, RollbackCause(.failure, "The replacement was not fully patched: \(reason)"))
        default: ignore("Patching waits for \(firstBootFinished ? "a clean patch status" : "first boot").")
        }
    }

    private mutating func verifyingProgressed(_ event: SwapEvent, replacement: Instance) {
        guard case .assessed(.verification, let raw) = event else { return ignore("Verifying waits for a verdict.") }
        let result = raw.ignoring(swap.excusedChecks)
        switch result.verdict {
        case .fail:
            rollBack(replacement, RollbackCause(.failure, "The replacement failed its checks: \(result.summary)."))
        case .inconclusive:
            because("The checks were inconclusive: \(result.summary). Both instances are held.")
            hold(replacement, cause: .inconclusive, next: .promote)
        case .warning where policy.onWarning == .hold:
            because("The checks passed with warnings: \(result.summary).")
            hold(replacement, cause: .warning, next: .promote)
        case .warning, .pass:
            because("The replacement is healthy: \(result.summary).")
            if policy.approval == .ask {
                hold(replacement, cause: .policy, next: .promote)
            } else {
                promote(replacement)
            }
        }
    }

    private mutating func bakingProgressed(_ event: SwapEvent, _ replacement: Instance, watch: Assessment) {
        guard case .assessed(watch, let raw) = event else { return ignore("Baking waits for its watch to end.") }
        let result = raw.ignoring(swap.excusedChecks)
        if !raw.results.contains(where: \.isEnforced) {
            because("No check that counts takes part in the bake; the router itself saw the replacement healthy.")
            return stopOriginal(replacement)
        }
        switch result.verdict {
        case .fail:
            rollBack(
                replacement, RollbackCause(.failure, "The replacement failed while it served: \(result.summary)."))
        case .inconclusive:
            because("The bake was inconclusive: \(result.summary). The original runs out of rotation.")
            hold(replacement, cause: .inconclusive, next: .stopOriginal)
        case .warning where policy.onWarning == .hold:
            because("The bake ended with warnings: \(result.summary).")
            hold(replacement, cause: .warning, next: .stopOriginal)
        case .warning, .pass:
            because("The replacement stayed healthy while it served: \(result.summary).")
            stopOriginal(replacement)
        }
    }

    /// Holds both instances; only an inconclusive verdict has a deadline, at which the swap goes back.
    private mutating func hold(
        _ replacement: Instance, cause: SwapState.Checkpoint.Cause, next: SwapState.Checkpoint.Next
    ) {
        let checkpoint = SwapState.Checkpoint(replacement: replacement, cause: cause, next: next, since: time)
        enter(.awaitingApproval(checkpoint), within: cause == .inconclusive ? policy.deadlines.verify : nil)
    }
}
