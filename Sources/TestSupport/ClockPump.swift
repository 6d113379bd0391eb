/// Runs `body` while another task moves the clock to the next deadline whenever somebody sleeps.
///
/// Which deadline the clock reaches while `body` computes is not fixed, so a test that uses this has either deadlines
/// that are out of reach or ones that must pass.
public func pumping<Value: Sendable>(
    _ clock: ManualClock, _ body: () async throws -> Value
) async rethrows -> Value {
    let pump = Task {
        while !Task.isCancelled {
            do { try await clock.waitForSleepers(1) } catch { return }
            await Task.yield()
            clock.advanceToNextSleeper()
        }
    }
    defer { pump.cancel() }
    return try await body()
}
