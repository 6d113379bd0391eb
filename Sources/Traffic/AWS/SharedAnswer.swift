import Workflow

/// One answer for everybody who asks at about the same time.
///
/// An answer whose request began at most `lifetime` before a caller came is good enough for it, unless `outdate` was
/// called since. A caller that comes while a request is under way waits for it; when that request began too long ago,
/// one of those who wait makes the next. Requests are made in the task of the caller that is first.
actor SharedAnswer<Value: Sendable> {
    private let clock: any WorkflowClock
    private let lifetime: Span
    private let router: RouterName
    private var answer: Answer?
    private var flight: Flight?
    /// Counts the changes; an answer from before the last one is outdated.
    private var changes = 0
    private var waiting: [Int: CheckedContinuation<Ending, Never>] = [:]
    private var nextID = 0

    private struct Answer {
        var value: Value
        var flight: Flight
    }

    private struct Flight {
        var began: Int64
        var changes: Int
    }

    private enum Ending {
        case answered(Value)
        case failed(TrafficError)
        /// Whoever asked was cancelled, or this caller was.
        case abandoned
    }

    /// Creates an empty holder; `router` is named in errors.
    init(clock: any WorkflowClock, lifetime: Span, router: RouterName) {
        self.clock = clock
        self.lifetime = lifetime
        self.router = router
    }

    /// The last answer, however old, unless it was outdated.
    var latest: Value? {
        guard let answer, answer.flight.changes == changes else { return nil }
        return answer.value
    }

    /// How many callers wait for the request that is under way.
    var waitingCount: Int { waiting.count }

    /// Makes every answer whose request began before now too old.
    func outdate() {
        changes += 1
    }

    /// Returns an answer that is good enough, asking when there is none.
    func value(_ ask: @Sendable () async throws(TrafficError) -> Value) async throws(TrafficError) -> Value {
        let oldest = clock.monotonicMilliseconds() - lifetime.milliseconds
        while true {
            if Task.isCancelled { throw TrafficError(.cancelled, router: router, detail: "the look was cancelled") }
            if let answer, isGood(answer.flight, oldest: oldest) { return answer.value }
            guard let current = flight else { return try await lead(ask) }
            switch await ending() {
            case .answered(let value) where isGood(current, oldest: oldest): return value
            case .failed(let error) where isGood(current, oldest: oldest): throw error
            case .answered, .failed, .abandoned: continue
            }
        }
    }

    private func isGood(_ flight: Flight, oldest: Int64) -> Bool {
        flight.changes == changes && flight.began >= oldest
    }

    private func lead(_ ask: @Sendable () async throws(TrafficError) -> Value) async throws(TrafficError) -> Value {
        let own = Flight(began: clock.monotonicMilliseconds(), changes: changes)
        flight = own
        do throws(TrafficError) {
            let value = try await ask()
            answer = Answer(value: value, flight: own)
            end(.answered(value))
            return value
        } catch {
            end(error.code == .cancelled || Task.isCancelled ? .abandoned : .failed(error))
            throw error
        }
    }

    private func end(_ ending: Ending) {
        flight = nil
        let all = waiting.sorted { $0.key < $1.key }
        waiting = [:]
        for (_, continuation) in all { continuation.resume(returning: ending) }
    }

    /// Waits for the request that is under way; a cancelled caller waits no longer.
    private func ending() async -> Ending {
        let id = nextID
        nextID += 1
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[id] = $0 }
        } onCancel: {
            // This actor registers the continuation before it can take this up, so it is never missed.
            Task { await self.abandon(id) }
        }
    }

    private func abandon(_ id: Int) {
        waiting.removeValue(forKey: id)?.resume(returning: .abandoned)
    }
}
