import CCurl

/// Takes messages from any thread and wakes the driver.
///
/// `curl_multi_wakeup` is called inside the lock and only while open, so that it never touches a multi handle that the
/// driver has cleaned up.
final class DriverInbox: Sendable {
    /// Asks the driver for something; a request that has ended is no longer known, and asking about it does nothing.
    enum Message: Sendable {
        case start(Job)
        case cancel(UInt64)
        case unpause(UInt64)
    }

    /// Allows the handle to be named under the lock; only `curl_multi_wakeup` is called on it from other threads.
    struct Multi: @unchecked Sendable {
        let raw: UnsafeMutableRawPointer
    }

    private enum Phase {
        case open(Multi)
        case closing(Multi)
        case closed
    }

    private struct State {
        var phase: Phase
        var messages: [Message] = []
        var lastID: UInt64 = 0
    }

    private let state: Locked<State>

    init(_ multi: Multi) {
        state = Locked(State(phase: .open(multi)))
    }

    func makeID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Delivers a message; returns `false` if the driver is closing or closed.
    @discardableResult
    func post(_ message: Message) -> Bool {
        state.withLock { state in
            guard case .open(let multi) = state.phase else { return false }
            state.messages.append(message)
            // One wake-up is enough for all messages that the driver finds together.
            if state.messages.count == 1 { curl_multi_wakeup(multi.raw) }
            return true
        }
    }

    /// Refuses further messages and asks the driver to end.
    func close() {
        state.withLock { state in
            guard case .open(let multi) = state.phase else { return }
            state.phase = .closing(multi)
            curl_multi_wakeup(multi.raw)
        }
    }

    /// Takes the messages in the order they were posted, and tells whether to end.
    func drain() -> (messages: [Message], isClosing: Bool) {
        state.withLock { state in
            let messages = state.messages
            state.messages = []
            if case .open = state.phase { return (messages, false) }
            return (messages, true)
        }
    }

    /// Forgets the multi handle; the driver calls it before it cleans the handle up.
    func seal() {
        state.withLock { $0.phase = .closed }
    }
}
