import Workflow

/// One run of a driver over one swap.
actor DriveSession {
    /// What reaches the session from its effects, the store and its task.
    private enum Message: Sendable {
        case finished(SwapEffect, run: Int, SwapEvent?)
        case requests([PostedRequest])
        case leaseLost(JournalError)
        case interrupted
    }

    /// How long an effect that ended without an event waits before it is started again.
    private static let restartInterval = Span.milliseconds(500)

    private let environment: EngineEnvironment
    private let keeper: LeaseKeeper
    private let options: DriveOptions
    private let notify: @Sendable (DriverNotice) -> Void
    private let runner: EffectRunner
    private let time: TimeAccount
    private var swap: Swap
    private var sequence: Int
    /// What runs, each with its own number: an effect that was stopped and started again is another run of it.
    private var running: [SwapEffect: (run: Int, task: Task<Void, Never>)] = [:]
    private var lastRun = 0
    private var takenRequests: Set<Int64> = []
    private let callsBefore: Int
    private var isInterrupted = false
    private let inbox: AsyncStream<Message>
    private let post: AsyncStream<Message>.Continuation

    init(
        environment: EngineEnvironment, keeper: LeaseKeeper, options: DriveOptions,
        notify: @escaping @Sendable (DriverNotice) -> Void, swap: Swap, sequence: Int
    ) {
        self.environment = environment
        self.keeper = keeper
        self.options = options
        self.notify = notify
        self.swap = swap
        self.sequence = sequence
        callsBefore = swap.lastIssuedCallNumber
        time = TimeAccount(clock: environment.clock)
        runner = EffectRunner(
            environment: environment, keeper: keeper,
            log: LogWriter(swap: swap.id, environment: environment, notify: notify), notify: notify, time: time,
            sight: LastSight())
        (inbox, post) = AsyncStream.makeStream(of: Message.self)
    }

    func run() async throws(EngineError) -> DriveEnd {
        let helpers = [
            Task(executorPreference: environment.executor) { await self.watchRequests() },
            Task(executorPreference: environment.executor) {
                if let error = await self.keeper.keepAlive() { self.post.yield(.leaseLost(error)) }
            },
        ]
        // In a task of its own: the inbox of a cancelled task ends at once, and with it the outcome of a call under way.
        let looping = Task(executorPreference: environment.executor) { () -> Result<DriveEnd, EngineError> in
            do throws(EngineError) { return .success(try await self.loop()) } catch { return .failure(error) }
        }
        let result = await withTaskCancellationHandler {
            await looping.value
        } onCancel: {
            post.yield(.interrupted)
        }
        helpers.forEach { $0.cancel() }
        await stopEffects()
        for helper in helpers { await helper.value }
        notify(.timed(swap.id, time.timing))
        return try result.get()
    }

    private func loop() async throws(EngineError) -> DriveEnd {
        try await take(.driven(by: environment.holder))
        if let requests = try? await environment.journal.pendingRequests(of: swap.id) { try await takeUp(requests) }
        var messages = inbox.makeAsyncIterator()
        while true {
            if let end = try await end() { return end }
            reconcile()
            let waitsForOthers = waitsForOthers
            if waitsForOthers { time.beginWait() }
            let next = await messages.next()
            if waitsForOthers { time.endWait() }
            guard let message = next else { return .interrupted(swap) }
            switch message {
            case .finished(let effect, let run, let event):
                guard running[effect]?.run == run else { continue }
                running[effect] = nil
                if let event { try await take(event) }
            case .requests(let requests): try await takeUp(requests)
            case .leaseLost(let error): throw EngineError(error)
            case .interrupted: isInterrupted = true
            }
        }
    }

    /// Whether it is a person's turn, or that of a waiting time.
    private var waitsForOthers: Bool {
        if swap.pausedAt != nil { return true }
        switch swap.state {
        case .awaitingApproval, .awaitingFallback, .awaitingUncordon: return true
        case .holding(let hold): return hold.confirmation == nil
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .promoting, .baking, .stoppingOriginal,
            .terminatingOriginal, .succeeded, .rollingBack, .retiringReplacement, .rolledBack, .cancelled, .refused,
            .needsOperator, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate, .uncordoning,
            .restoringSnapshot, .updated:
            return false
        }
    }

    /// Why the driver should return now; `nil` while there is something to do.
    private func end() async throws(EngineError) -> DriveEnd? {
        let isCalling = running.keys.contains(where: \.isCall)
        if isInterrupted && !isCalling { return swap.state.isFinal ? .ended(swap) : .interrupted(swap) }
        if swap.pausedAt != nil { return isCalling || options.waitsAtCheckpoints ? nil : .paused(swap) }
        switch swap.state {
        case .succeeded, .updated, .rolledBack, .cancelled, .refused: return .ended(swap)
        case .needsOperator: return .needsOperator(swap)
        case .holding(let hold):
            let isDue = hold.confirmation != nil || environment.clock.wallTime() >= hold.until
            return isDue || options.waitsForHold ? nil : .held(swap)
        case .awaitingApproval(let checkpoint):
            if checkpoint.cause == .policy && options.approvesPolicyCheckpoints {
                try await take(.operatorRequested(OperatorRequest(command: .approve, author: "--yes")))
                return nil
            }
            return checkpointEnd
        case .awaitingFallback, .awaitingUncordon: return checkpointEnd
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .promoting, .baking,
            .stoppingOriginal, .terminatingOriginal, .rollingBack, .retiringReplacement, .cordoning, .snapshotting,
            .updating, .rebooting, .verifyingUpdate, .uncordoning, .restoringSnapshot:
            return nil
        }
    }

    private var checkpointEnd: DriveEnd? {
        // A deadline that has passed is settled by its timer, at once.
        if let deadline = swap.deadline, environment.clock.wallTime() >= deadline { return nil }
        return options.waitsAtCheckpoints ? nil : .atCheckpoint(swap)
    }

    /// Makes what runs match what the state asks for.
    ///
    /// A call that is no longer wanted is brought to its end before anything new begins, so that, for example, a
    /// rollback never overtakes the launch it has to undo.
    private func reconcile() {
        guard !isInterrupted else {
            // A call that is being made still ends and is recorded; one that waits for its next attempt does not.
            inOrder.forEach { $0.task.cancel() }
            return cancelObservations(keeping: [])
        }
        let wanted = swap.effects
        cancelObservations(keeping: wanted)
        let overtaken = inOrder.filter { $0.effect.isCall && !wanted.contains($0.effect) }
        overtaken.forEach { $0.task.cancel() }
        guard overtaken.isEmpty else { return }
        for effect in wanted where running[effect] == nil { start(effect) }
    }

    private func cancelObservations(keeping wanted: [SwapEffect]) {
        for (effect, task) in inOrder where !effect.isCall && !wanted.contains(effect) {
            task.cancel()
            running[effect] = nil
        }
    }

    /// What runs, in the order in which it was started: a run of the program must not depend on a hash.
    private var inOrder: [(effect: SwapEffect, task: Task<Void, Never>)] {
        running.sorted { $0.value.run < $1.value.run }.map { ($0.key, $0.value.task) }
    }

    private func start(_ effect: SwapEffect) {
        let swap = swap
        var mayHaveHappened = false
        if case .perform(let call) = effect { mayHaveHappened = call.number <= callsBefore }
        lastRun += 1
        let task = Task(executorPreference: environment.executor) {
            [runner, post, mayHaveHappened, environment, lastRun] in
            let event = await runner.run(effect, of: swap, mayHaveHappened: mayHaveHappened)
            // An effect that ended without an event is wanted still: it is started again, and not in a tight loop.
            if event == nil, !Task.isCancelled { try? await environment.clock.sleep(for: Self.restartInterval) }
            guard !Task.isCancelled || effect.isCall else { return }
            post.yield(.finished(effect, run: lastRun, event))
        }
        running[effect] = (lastRun, task)
    }

    private func stopEffects() async {
        let tasks = inOrder.map(\.task)
        tasks.forEach { $0.cancel() }
        for task in tasks { await task.value }
        running = [:]
        post.finish()
    }

    private func takeUp(_ requests: [PostedRequest]) async throws(EngineError) {
        for posted in requests where takenRequests.insert(posted.number).inserted {
            try await take(.operatorRequested(posted.request), request: posted.number)
        }
    }

    /// Decides about an event and appends it with its intents in one transaction, before anything is done about it.
    private func take(_ event: SwapEvent, request: Int64? = nil) async throws(EngineError) {
        let now = environment.clock.wallTime()
        let decision = swap.decide(event, at: now)
        // A request is recorded even when it was refused, so that its author learns why; a call's outcome even when
        // it comes too late to matter, so that no intent stays open.
        guard decision.isAccepted || request != nil || event.isCallOutcome else { return }
        let entry = JournalEntry(
            at: now, event: event, intents: decision.intents, reasons: decision.reasons,
            summary: decision.swap.summary, takesRequest: request)
        // What this decision overtakes makes no further attempt while the decision is being written.
        let wanted = decision.swap.effects
        for (effect, task) in inOrder where effect.isCall && !wanted.contains(effect) { task.cancel() }
        let lease = await keeper.lease
        do {
            sequence = try await environment.journal.append(entry, expectedSequence: sequence + 1, under: lease)
        } catch { throw EngineError(error) }
        swap = decision.swap
        notify(.recorded(JournalRecord(sequence: sequence, epoch: lease.epoch, entry: entry), swap))
    }

    /// Takes up what other processes ask for, within the poll interval of their writing it.
    private func watchRequests() async {
        var seen: Int64?
        while !Task.isCancelled {
            if let counter = try? await environment.journal.changeCounter(), counter != seen {
                seen = counter
                if let requests = try? await environment.journal.pendingRequests(of: swap.id), !requests.isEmpty {
                    post.yield(.requests(requests))
                }
            }
            do { try await environment.clock.sleep(for: environment.requestPollInterval) } catch { return }
        }
    }
}

extension SwapEvent {
    fileprivate var isCallOutcome: Bool {
        switch self {
        case .callSucceeded, .callFailed: true
        case .created, .driven, .preflightCompleted, .observed, .observationFailed, .effectMissing, .updateEnded,
            .assessed, .evidenceSaved, .timerFired, .operatorRequested:
            false
        }
    }
}

extension SwapEffect {
    fileprivate var isCall: Bool {
        if case .perform = self { return true }
        return false
    }
}
