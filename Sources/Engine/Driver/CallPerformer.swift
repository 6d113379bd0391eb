import Workflow

/// Makes the calls whose intents are in the journal: observes first where a call may have happened already, repeats
/// only the identical request, and looks before anything that takes something away.
struct CallPerformer: Sendable {
    /// How long what the state machine saw before it decided for the end of the original may be relied on.
    ///
    /// Health is not measured again by the call itself; a call that could not be made in this time is given up, and
    /// the state machine looks again.
    static let confirmationLifetime = Span.seconds(45)
    /// How long the look just before a call may take and still be one.
    private static let longestLook = Span.seconds(6)
    /// How often a call whose answer cannot be understood, or that does not fit the moment, is repeated.
    private static let repetitionLimit = 3

    let environment: EngineEnvironment
    let swap: Swap
    let keeper: LeaseKeeper
    let log: LogWriter
    let time: TimeAccount

    /// A failed attempt, before it is known whether it may be repeated.
    private struct Attempt: Error {
        enum Repetition {
            case never
            case limited
            case always
            /// As long as reads may lag behind.
            case withinWindow
        }

        var code: String
        var detail: String
        var repetition: Repetition
        /// Whether the call may have taken effect although it failed.
        var isUncertain: Bool
        var isAbsence = false

        init(_ error: ProviderError) {
            code = error.code.rawValue
            detail = error.detail
            switch error.code {
            case .unavailable, .throttled, .unauthenticated:
                // Credentials that have expired are renewed; the deadline of the state says for how long to wait.
                repetition = .always
                isUncertain = error.code != .unauthenticated
            case .malformedAnswer:
                repetition = .limited
                isUncertain = true
            case .invalidState:
                // A router that is being reloaded, or an instance on its way from one state to the next.
                repetition = .limited
                isUncertain = false
            case .storage, .cancelled:
                repetition = error.isRetryable ? .always : .never
                isUncertain = true
            case .capacity, .quota, .forbidden, .instanceNotFound, .imageNotFound, .terminationProtected,
                .invalidRequest:
                repetition = error.isRetryable ? .always : .never
                isUncertain = error.isRetryable
            }
        }

        init(_ error: JournalError) {
            code = error.code.rawValue
            detail = error.detail
            // A store that cannot be written now may recover; a lost lease never does.
            repetition = error.code == .leaseLost || error.code == .closed ? .never : .always
            isUncertain = false
        }

        init(_ objection: CallGuard.Objection) {
            code = ProviderError.Code.invalidState.rawValue
            detail = objection.detail
            repetition = .withinWindow
            isUncertain = false
            isAbsence = objection.isAbsence
        }
    }

    /// Brings a call to its outcome; `nil` when it was cancelled before the outcome is known.
    ///
    /// A call without a recorded outcome is settled by the next driver, so cancelling never turns a fault that a later
    /// attempt may get over into a failure of the swap.
    ///
    /// - Parameter mayHaveHappened: whether the intent was journalled by a driver that did not record the outcome.
    func perform(_ call: Call, mayHaveHappened: Bool) async -> SwapEvent? {
        let start = environment.clock.monotonicMilliseconds()
        var mustObserve = mayHaveHappened
        var attempts = 0
        var backoff = Backoff(base: .milliseconds(250), cap: .seconds(10))
        var lastDetail = ""
        while !Task.isCancelled {
            do throws(Attempt) {
                if mustObserve, let outcome = try await settled(call.request) {
                    return .callSucceeded(number: call.number, outcome: outcome)
                }
                if mayHaveHappened { try requireAbsenceIsProven(call.request, since: start) }
                return .callSucceeded(number: call.number, outcome: try await make(call.request, since: start))
            } catch {
                if Task.isCancelled && error.isUncertain { return nil }
                attempts += 1
                let elapsed = Span(milliseconds: environment.clock.monotonicMilliseconds() - start)
                guard mayRepeat(error, attempts: attempts, after: elapsed) else {
                    // What complete reads do not know for the whole window is gone; the next step proves it.
                    if error.isAbsence, case .terminate = call.request {
                        return .callSucceeded(number: call.number, outcome: .done)
                    }
                    let failure = CallFailure(
                        code: error.code, detail: environment.redact(error.detail),
                        isUncertain: error.isUncertain || mustObserve)
                    return .callFailed(number: call.number, failure: failure)
                }
                mustObserve = mustObserve || error.isUncertain
                if error.detail != lastDetail {
                    lastDetail = error.detail
                    await log.write(
                        ["\(call.request.summary): \(error.detail) [\(error.code)]; trying again"], source: "call",
                        instance: nil)
                }
                do { try await environment.clock.sleep(for: backoff.next(random: environment.random())) } catch {
                    return nil
                }
            }
        }
        return nil
    }

    private func mayRepeat(_ error: Attempt, attempts: Int, after elapsed: Span) -> Bool {
        switch error.repetition {
        case .never: false
        case .limited: attempts <= Self.repetitionLimit
        case .always: true
        case .withinWindow: elapsed < environment.consistencyWindow
        }
    }

    /// An earlier driver may have sent another alternative than the one that would be sent now, and only what is sent
    /// again as it was has no further effect: so such a launch is repeated only once no read can lag behind any more.
    private func requireAbsenceIsProven(_ request: CallRequest, since start: Int64) throws(Attempt) {
        guard case .launch(let launch) = request, !launch.specification.alternatives.isEmpty else { return }
        let elapsed = Span(milliseconds: environment.clock.monotonicMilliseconds() - start)
        guard elapsed < environment.consistencyWindow else { return }
        throw Attempt(
            ProviderError(
                .unavailable, operation: request.summary,
                detail: "an earlier driver may have launched an instance that is not listed yet; looking again"))
    }

    /// The outcome of a call that may have been made already, read from the world; `nil` when it must be made.
    private func settled(_ request: CallRequest) async throws(Attempt) -> CallOutcome? {
        do throws(ProviderError) {
            switch request {
            case .launch(let launch):
                // Where a launch has several steps, an instance that is found may be half of one.
                if environment.provider.finishesLaunches { return nil }
                return try await environment.provider.instance(launchedWith: launch.token).map(CallOutcome.launched)
            case .stop(let id):
                let state = try await environment.provider.instance(id)?.state
                return state == .stopped || state == .stopping ? .done : nil
            case .terminate(let id):
                let state = try await environment.provider.instance(id)?.state
                return state == .terminated || state == .terminating ? .done : nil
            case .reboot(let id, let from?):
                guard let updater = environment.updater else { return nil }
                // A machine that cannot be asked is asked again: what is on its way through a reboot is not rebooted twice.
                let present = try await InPlaceCalls(environment: environment).bootID(of: id, updater)
                return present != nil && present != from ? .done : nil
            case .reboot(_, from: nil), .snapshot, .update, .restore, .deleteSnapshot: return nil
            case .start, .tag, .traffic:
                // All may be repeated without further effect, which is as cheap as asking; and a read that lags behind
                // still shows the original running as it was before it was stopped.
                return nil
            }
        } catch {
            throw Attempt(error)
        }
    }

    /// Makes the call in a task of its own, so that cancelling the driver never cuts a call off in the middle.
    private func make(_ request: CallRequest, since start: Int64) async throws(Attempt) -> CallOutcome {
        guard try await isNeeded(request) else { return .done }
        do { try await keeper.ensureCallFits() } catch { throw Attempt(error) }
        // After the lease, since making sure of that may have taken long.
        try requireRecentConfirmation(request, since: start)
        // Whoever was told to stop meanwhile begins nothing more.
        guard !Task.isCancelled else {
            throw Attempt(ProviderError(.cancelled, operation: request.summary, detail: "the driver was stopped"))
        }
        let limit = LeaseKeeper.callTimeout
        let race = FirstResult<Result<CallOutcome, Attempt>>()
        let call = Task(executorPreference: environment.executor) {
            do throws(Attempt) { race.finish(.success(try await send(request))) } catch { race.finish(.failure(error)) }
        }
        let timer = Task(executorPreference: environment.executor) {
            do { try await environment.clock.sleep(for: limit) } catch { return }
            race.finish(
                .failure(
                    Attempt(
                        ProviderError(
                            .unavailable, operation: request.summary, detail: "no answer within \(limit.text)"))))
        }
        time.beginWait()
        let result = await race.value
        time.endWait()
        call.cancel()
        timer.cancel()
        return try result.get()
    }

    /// Looks just before the call; `false` when what it asks for is so already.
    private func isNeeded(_ request: CallRequest) async throws(Attempt) -> Bool {
        let start = environment.clock.monotonicMilliseconds()
        do throws(CallGuard.Outcome) {
            time.beginWait()
            defer { time.endWait() }
            try await CallGuard(environment: environment, swap: swap).check(request)
        } catch {
            switch error {
            case .objection(let objection): throw Attempt(objection)
            case .provider(let error): throw Attempt(error)
            case .isDone: return false
            }
        }
        let elapsed = Span(milliseconds: environment.clock.monotonicMilliseconds() - start)
        guard elapsed <= Self.longestLook else {
            throw Attempt(
                ProviderError(
                    .unavailable, operation: request.summary, detail: "the look just before took \(elapsed.text)"))
        }
        return true
    }

    private func requireRecentConfirmation(_ request: CallRequest, since start: Int64) throws(Attempt) {
        guard request == .terminate(swap.plan.original.id) else { return }
        // Recording the decision may have taken long as well, so the older of both counts.
        let elapsed = max(
            Span(milliseconds: environment.clock.monotonicMilliseconds() - start),
            environment.clock.wallTime().since(swap.enteredAt))
        guard elapsed > Self.confirmationLifetime else { return }
        var attempt = Attempt(
            ProviderError(
                .invalidState, operation: request.summary,
                detail: "the last look at the replacement is \(elapsed.text) old", isRetryable: false))
        attempt.code = CallFailure.outdatedCode
        attempt.repetition = .never
        throw attempt
    }

    private func send(_ request: CallRequest) async throws(Attempt) -> CallOutcome {
        do throws(ProviderError) {
            switch request {
            case .launch(let launch): return .launched(try await environment.provider.launch(launch))
            case .stop(let id): try await environment.provider.stop(id)
            case .start(let id): try await environment.provider.start(id)
            case .terminate(let id): try await environment.provider.terminate(id)
            case .tag(let id, let changes):
                let tags = changes.map { ($0.name, $0.value) }
                try await environment.provider.tag(id, with: Dictionary(tags) { $1 })
            case .traffic(let router, let change): try await move(router, change)
            case .snapshot, .update, .reboot, .restore, .deleteSnapshot:
                try await InPlaceCalls(environment: environment).make(request)
            }
            return .done
        } catch {
            throw Attempt(error)
        }
    }

    private func move(_ name: RouterName, _ change: TrafficChange) async throws(ProviderError) {
        guard let router = environment.routers[name] else {
            throw ProviderError(.invalidRequest, operation: "route", detail: "the router \(name) is not configured")
        }
        do { try await router.apply(change) } catch {
            throw ProviderError(error, operation: change.action.rawValue)
        }
    }
}
