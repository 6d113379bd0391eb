import Workflow

/// Makes the calls whose intents are in the journal: observes first where a call may have happened already, repeats
/// only the identical request, and re-reads the tags before anything destructive.
struct CallPerformer: Sendable {
    let environment: EngineEnvironment
    let swap: SwapID
    let keeper: LeaseKeeper

    /// A failed attempt, before it is known whether it may be repeated.
    private struct Attempt: Error {
        var code: String
        var detail: String
        var isRetryable: Bool
        /// Whether the call may have taken effect although it failed.
        var isUncertain: Bool

        init(_ error: ProviderError) {
            code = error.code.rawValue
            detail = error.detail
            isRetryable = error.isRetryable
            isUncertain =
                switch error.code {
                case .unavailable, .throttled, .storage, .malformedAnswer, .cancelled: true
                case .capacity, .quota, .unauthenticated, .forbidden, .instanceNotFound, .imageNotFound,
                    .terminationProtected, .invalidState, .invalidRequest:
                    error.isRetryable
                }
        }

        init(_ error: JournalError) {
            code = error.code.rawValue
            detail = error.detail
            isRetryable = false
            isUncertain = false
        }
    }

    /// Brings a call to its outcome; `nil` when it was cancelled before the outcome is known.
    ///
    /// A call without a recorded outcome is settled by the next driver, so cancelling never turns a fault that a later
    /// attempt may get over into a failure of the swap.
    ///
    /// - Parameter mayHaveHappened: whether the intent was journalled by a driver that did not record the outcome.
    func perform(_ call: Call, mayHaveHappened: Bool) async -> SwapEvent? {
        var mustObserve = mayHaveHappened
        var backoff = Backoff(base: .milliseconds(250), cap: .seconds(10))
        while !Task.isCancelled {
            do throws(Attempt) {
                if mustObserve, let outcome = try await settled(call.request) {
                    return .callSucceeded(number: call.number, outcome: outcome)
                }
                return .callSucceeded(number: call.number, outcome: try await make(call.request))
            } catch {
                if Task.isCancelled && error.isUncertain { return nil }
                guard error.isRetryable else {
                    let failure = CallFailure(
                        code: error.code, detail: environment.redact(error.detail),
                        isUncertain: error.isUncertain || mustObserve)
                    return .callFailed(number: call.number, failure: failure)
                }
                mustObserve = true
                do { try await environment.clock.sleep(for: backoff.next(random: environment.random())) } catch {
                    return nil
                }
            }
        }
        return nil
    }

    /// The outcome of a call that may have been made already, read from the world; `nil` when it must be made.
    private func settled(_ request: CallRequest) async throws(Attempt) -> CallOutcome? {
        do throws(ProviderError) {
            switch request {
            case .launch(let launch):
                return try await environment.provider.instance(launchedWith: launch.token).map(CallOutcome.launched)
            case .stop(let id):
                let state = try await environment.provider.instance(id)?.state
                return state == .stopped || state == .stopping ? .done : nil
            case .start(let id):
                let state = try await environment.provider.instance(id)?.state
                return state == .running || state == .pending ? .done : nil
            case .terminate(let id):
                let state = try await environment.provider.instance(id)?.state
                return state == .terminated || state == .terminating ? .done : nil
            case .tag, .traffic:
                // Both may be repeated without further effect, which is as cheap as asking.
                return nil
            }
        } catch {
            throw Attempt(error)
        }
    }

    /// Makes the call in a task of its own, so that cancelling the driver never cuts a call off in the middle.
    private func make(_ request: CallRequest) async throws(Attempt) -> CallOutcome {
        do { try await keeper.ensureCallFits() } catch { throw Attempt(error) }
        let result = await Task(executorPreference: environment.executor) { () -> Result<CallOutcome, Attempt> in
            do throws(Attempt) { return .success(try await unshielded(request)) } catch { return .failure(error) }
        }.value
        return try result.get()
    }

    private func unshielded(_ request: CallRequest) async throws(Attempt) -> CallOutcome {
        do throws(ProviderError) {
            switch request {
            case .launch(let launch): return .launched(try await environment.provider.launch(launch))
            case .stop(let id):
                try await requireOwnership(of: id, for: "stop")
                try await environment.provider.stop(id)
            case .start(let id): try await environment.provider.start(id)
            case .terminate(let id):
                // What a complete read no longer knows is not terminated again; the next step proves the absence.
                guard try await environment.provider.instance(id) != nil else { return .done }
                try await requireOwnership(of: id, for: "terminate")
                try await environment.provider.terminate(id)
            case .tag(let id, let changes):
                let tags = changes.map { ($0.name, $0.value) }
                try await environment.provider.tag(id, with: Dictionary(tags) { $1 })
            case .traffic(let router, let change): try await move(router, change)
            }
            return .done
        } catch {
            throw Attempt(error)
        }
    }

    /// Re-reads the tags just before a destructive call: only what carries this swap's id is touched.
    private func requireOwnership(of id: InstanceID, for operation: String) async throws(ProviderError) {
        let instance = try await environment.provider.instance(id)
        guard let instance else {
            throw ProviderError(
                .instanceNotFound, operation: operation, detail: "\(id) is not there any more; nothing was done")
        }
        let owner = instance.tags[OwnershipTag.swap]
        guard owner == swap.rawValue else {
            throw ProviderError(
                .invalidState, operation: operation,
                detail: "\(id) is tagged \(OwnershipTag.swap)=\(owner ?? "nothing") and not \(swap), so it was not "
                    + "touched; set the tag back if the instance is this swap's")
        }
    }

    private func move(_ name: RouterName, _ change: TrafficChange) async throws(ProviderError) {
        guard let router = environment.routers[name] else {
            throw ProviderError(.invalidRequest, operation: "route", detail: "the router \(name) is not configured")
        }
        do { try await router.apply(change) } catch {
            throw ProviderError(
                error.code == .unavailable ? .unavailable : .invalidRequest, operation: change.action.rawValue,
                detail: "\(error)", isRetryable: error.isRetryable)
        }
    }
}
