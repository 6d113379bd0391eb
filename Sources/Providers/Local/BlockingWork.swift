import Dispatch

/// Runs blocking calls on threads that do not belong to the cooperative pool.
enum BlockingWork {
    private static let queue = DispatchQueue(label: "changeover.local.blocking", attributes: .concurrent)

    /// Runs `work` and returns what it returns or throws what it throws.
    static func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }
}
