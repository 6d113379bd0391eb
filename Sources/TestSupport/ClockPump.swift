/// Runs `body` on `executor` and moves the clock to the next deadline whenever all of its tasks wait.
public func pumping<Value: Sendable>(
    _ clock: ManualClock, on executor: TestExecutor, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let pump = Task {
        while !Task.isCancelled {
            do { try await clock.waitForSleepers(1) } catch { return }
            await Task.yield()
            _ = executor.whenIdle { _ = clock.advanceToNextSleeper() }
        }
    }
    defer { pump.cancel() }
    let running = Task(executorPreference: executor) { try await body() }
    return try await withTaskCancellationHandler {
        try await running.value
    } onCancel: {
        running.cancel()
    }
}
