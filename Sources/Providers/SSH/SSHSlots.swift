import Dispatch

/// Lets a bounded number in at a time, in the order of their asking.
final class SSHSlots: Sendable {
    /// Why somebody was not let in.
    enum Refusal: Error, Sendable {
        /// The time was over first.
        case late
        /// The task was cancelled first.
        case cancelled
    }

    private typealias Waiter = CheckedContinuation<Result<Void, Refusal>, Never>

    private struct State: Sendable {
        var free: Int
        var lastTicket = 0
        /// Whoever has asked and was neither let in nor refused.
        var asking: Set<Int> = []
        /// Those among them whose task was cancelled before they began to wait.
        var cancelled: Set<Int> = []
        var queue: [(ticket: Int, waiter: Waiter)] = []
    }

    private let state: LockedValue<State>

    /// Creates slots for `count` at a time.
    init(_ count: Int) {
        state = LockedValue(State(free: count))
    }

    /// Waits to be let in, for at most `milliseconds`; `leave` must follow.
    func enter(within milliseconds: Int64) async throws(Refusal) {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            state.asking.insert(state.lastTicket)
            return state.lastTicket
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if let answer = answer(ticket, waiter) {
                    waiter.resume(returning: answer)
                } else {
                    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(max(0, milliseconds)))) {
                        [weak self] in self?.refuse(ticket, .late)
                    }
                }
            }
        } onCancel: {
            refuse(ticket, .cancelled)
        }
        try result.get()
    }

    /// Makes room for the next.
    func leave() {
        let next: Waiter? = state.withLock { state in
            guard !state.queue.isEmpty else {
                state.free += 1
                return nil
            }
            let next = state.queue.removeFirst()
            state.asking.remove(next.ticket)
            return next.waiter
        }
        next?.resume(returning: .success(()))
    }

    /// The answer that can be given at once; `nil` when the waiter was queued.
    private func answer(_ ticket: Int, _ waiter: Waiter) -> Result<Void, Refusal>? {
        state.withLock { state in
            if state.cancelled.remove(ticket) != nil {
                state.asking.remove(ticket)
                return .failure(.cancelled)
            }
            guard state.free > 0 else {
                state.queue.append((ticket, waiter))
                return nil
            }
            state.free -= 1
            state.asking.remove(ticket)
            return .success(())
        }
    }

    private func refuse(_ ticket: Int, _ refusal: Refusal) {
        let waiter: Waiter? = state.withLock { state in
            guard state.asking.contains(ticket) else { return nil }
            guard let position = state.queue.firstIndex(where: { $0.ticket == ticket }) else {
                state.cancelled.insert(ticket)
                return nil
            }
            state.asking.remove(ticket)
            return state.queue.remove(at: position).waiter
        }
        waiter?.resume(returning: .failure(refusal))
    }
}
