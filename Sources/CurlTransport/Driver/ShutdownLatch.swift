/// Lets tasks wait until the driver has ended.
final class ShutdownLatch: Sendable {
    typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var isOpen = false
        var waiters: [Waiter] = []
    }

    private let state = Locked(State())

    func wait() async {
        await withCheckedContinuation { (waiter: Waiter) in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(waiter) }
                return state.isOpen
            }
            if isOpen { waiter.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.isOpen = true
            return state.waiters
        }
        for waiter in waiters {
            waiter.resume()
        }
    }
}
