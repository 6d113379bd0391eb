private import Foundation
public import Workflow

/// A clock that stands still until a test moves it.
///
/// Sleepers wake in the order of their deadlines. A test waits with `waitForSleepers(_:)` until the code under test has
/// come to rest, and then moves the clock, so nothing depends on real time.
public final class ManualClock: WorkflowClock, @unchecked Sendable {
    // All mutable state is in `state` and touched under `lock` only; continuations are resumed outside of it.
    private let lock = NSLock()
    private var state: State

    private struct State {
        var now: Int64 = 0
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        var waiters: [Int: Waiter] = [:]
        var cancelled: Set<Int> = []
    }

    private struct Sleeper {
        var deadline: Int64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Waiter {
        var count: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let epoch: WallTime

    /// Creates a clock whose wall time starts at `epoch`, by default in 2027, and whose monotonic time starts at zero.
    public init(epoch: WallTime = WallTime(milliseconds: 1_800_000_000_000)) {
        self.epoch = epoch
        state = State()
    }

    /// The present wall time.
    public func wallTime() -> WallTime {
        epoch + Span(milliseconds: monotonicMilliseconds())
    }

    /// Milliseconds by which the clock has been moved.
    public func monotonicMilliseconds() -> Int64 {
        lock.withLock { state.now }
    }

    /// How many tasks sleep.
    public var sleeperCount: Int {
        lock.withLock { state.sleepers.count }
    }

    /// Waits until the clock has been moved by `span`; throws `CancellationError` at once on cancellation.
    public func sleep(for span: Span) async throws {
        try await suspend { id, continuation in
            guard span > .zero else { return [continuation] }
            self.state.sleepers[id] = Sleeper(
                deadline: self.state.now + span.milliseconds, continuation: continuation)
            return self.takeSatisfiedWaiters()
        }
    }

    /// Waits until at least `count` tasks sleep; throws `CancellationError` at once on cancellation.
    public func waitForSleepers(_ count: Int) async throws {
        try await suspend { id, continuation in
            guard self.state.sleepers.count < count else { return [continuation] }
            self.state.waiters[id] = Waiter(count: count, continuation: continuation)
            return []
        }
    }

    /// Moves the clock and wakes every task whose time has come.
    public func advance(by span: Span) {
        let woken = lock.withLock {
            state.now += span.milliseconds
            return takeDueSleepers()
        }
        for continuation in woken { continuation.resume() }
    }

    /// Moves the clock to the next deadline and wakes its tasks; `false` when nobody sleeps.
    @discardableResult
    public func advanceToNextSleeper() -> Bool {
        let woken = lock.withLock {
            guard let next = state.sleepers.values.map(\.deadline).min() else {
                return [CheckedContinuation<Void, any Error>]()
            }
            state.now = max(state.now, next)
            return takeDueSleepers()
        }
        for continuation in woken { continuation.resume() }
        return !woken.isEmpty
    }

    /// Registers a continuation under the lock; `register` returns those to resume at once.
    private func suspend(
        _ register: @escaping (Int, CheckedContinuation<Void, any Error>) -> [CheckedContinuation<Void, any Error>]
    ) async throws {
        let id = lock.withLock {
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: [CheckedContinuation<Void, any Error>]? = lock.withLock {
                    state.cancelled.remove(id) == nil ? register(id, continuation) : nil
                }
                for satisfied in ready ?? [] { satisfied.resume() }
                if ready == nil { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            cancel(id)
        }
        // An id cancelled after its continuation had been resumed leaves a mark behind.
        _ = lock.withLock { state.cancelled.remove(id) }
    }

    private func cancel(_ id: Int) {
        let continuation = lock.withLock {
            let found =
                state.sleepers.removeValue(forKey: id)?.continuation
                ?? state.waiters.removeValue(forKey: id)?.continuation
            if found == nil { state.cancelled.insert(id) }
            return found
        }
        continuation?.resume(throwing: CancellationError())
    }

    private func takeDueSleepers() -> [CheckedContinuation<Void, any Error>] {
        let due = state.sleepers.filter { $0.value.deadline <= state.now }
        for id in due.keys { state.sleepers[id] = nil }
        return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.value.continuation)
    }

    private func takeSatisfiedWaiters() -> [CheckedContinuation<Void, any Error>] {
        let satisfied = state.waiters.filter { $0.value.count <= state.sleepers.count }
        for id in satisfied.keys { state.waiters[id] = nil }
        return satisfied.values.map(\.continuation)
    }
}
