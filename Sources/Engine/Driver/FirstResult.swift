import Foundation

/// The first of several results to come; later ones are dropped.
///
/// Waiting for it goes on when the waiting task is cancelled: whoever gives the results decides how long that can be.
final class FirstResult<Value: Sendable>: @unchecked Sendable {
    // Both are touched under `lock` only; the continuation is resumed outside of it.
    private let lock = NSLock()
    private var result: Value?
    private var waiting: CheckedContinuation<Value, Never>?

    /// Gives a result.
    func finish(_ value: Value) {
        let waiter: CheckedContinuation<Value, Never>? = lock.withLock {
            guard result == nil else { return nil }
            result = value
            defer { waiting = nil }
            return waiting
        }
        waiter?.resume(returning: value)
    }

    /// The first result; may be asked for once.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let known: Value? = lock.withLock {
                    if result == nil { waiting = continuation }
                    return result
                }
                if let known { continuation.resume(returning: known) }
            }
        }
    }
}
