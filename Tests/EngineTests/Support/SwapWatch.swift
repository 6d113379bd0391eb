import Engine
import Workflow

/// Follows a swap as its driver records it, so that a test acts exactly when a state is reached.
struct SwapWatch: Sendable {
    private let swaps: AsyncStream<Swap>
    private let continuation: AsyncStream<Swap>.Continuation
    private let timings: AsyncStream<DriveTiming>
    private let timed: AsyncStream<DriveTiming>.Continuation

    init() {
        (swaps, continuation) = AsyncStream.makeStream(of: Swap.self)
        (timings, timed) = AsyncStream.makeStream(of: DriveTiming.self)
    }

    func take(_ notice: DriverNotice) {
        switch notice {
        case .recorded(_, let swap): continuation.yield(swap)
        case .timed(_, let timing): timed.yield(timing)
        case .check, .line: break
        }
    }

    /// How long the drive took, once it has ended.
    func timing() async -> DriveTiming? {
        for await timing in timings { return timing }
        return nil
    }

    func finish() {
        continuation.finish()
        timed.finish()
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
