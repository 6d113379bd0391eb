/// A value that is set once, by whoever comes first, and waited for once.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case finished(Value)
        case taken
    }

    private let state = LockedValue<State>(.empty)

    /// Sets the value; `false` when it was set already.
    @discardableResult
    func finish(_ value: Value) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .empty:
                state = .finished(value)
                return (true, nil)
            case .waiting(let waiter):
                state = .taken
                return (true, waiter)
            case .finished, .taken: return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    /// Waits for the value; when the task is cancelled first, that is set to `fallback`.
    func value(whenCancelled fallback: Value) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let ready = state.withLock { state -> Value? in
                    guard case .finished(let value) = state else {
                        state = .waiting(waiter)
                        return nil
                    }
                    state = .taken
                    return value
                }
                if let ready { waiter.resume(returning: ready) }
            }
        } onCancel: {
            finish(fallback)
        }
    }
}
