import Workflow

/// Remembers answers in memory for a while.
final class TimedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var at: Int64
    }

    private let entries = LockedValue<[Key: Entry]>([:])
    private let clock: any WorkflowClock
    private let lifetime: Span

    init(clock: any WorkflowClock, lifetime: Span) {
        self.clock = clock
        self.lifetime = lifetime
    }

    /// The value that was put in less than the lifetime ago.
    func value(for key: Key) -> Value? {
        let now = clock.monotonicMilliseconds()
        return entries.withLock { entries in
            entries = entries.filter { now - $0.value.at < lifetime.milliseconds }
            return entries[key]?.value
        }
    }

    /// Remembers a value from now on.
    func keep(_ value: Value, for key: Key) {
        let now = clock.monotonicMilliseconds()
        entries.withLock { $0[key] = Entry(value: value, at: now) }
    }

    /// Forgets a value.
    func forget(_ key: Key) {
        entries.withLock { $0[key] = nil }
    }
}
