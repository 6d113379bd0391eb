import Engine
import Workflow

/// Follows a swap as its driver records it, so that a test acts exactly when a state is reached.
struct SwapWatch: Sendable {
    private let swaps: AsyncStream<Swap>
    private let continuation: AsyncStream<Swap>.Continuation

    init() {
        (swaps, continuation) = AsyncStream.makeStream(of: Swap.self)
    }

    func take(_ notice: DriverNotice) {
        if case .recorded(_, let swap) = notice { continuation.yield(swap) }
    }

    func finish() {
        continuation.finish()
    }

    /// Waits until a recorded swap fits; `nil` when the driver has returned before.
    @discardableResult
    func first(where fits: (Swap) -> Bool) async -> Swap? {
        for await swap in swaps where fits(swap) { return swap }
        return nil
    }

    /// Waits until the swap is in a state; `nil` when the driver has returned before.
    @discardableResult
    func state(_ name: String) async -> Swap? {
        await first { $0.state.name == name }
    }
}
