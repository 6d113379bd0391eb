/// Guards a value by a lock.
final class Locked<Value: Sendable>: @unchecked Sendable {
    private let mutex = PThreadMutex()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    /// Runs a short body, which must not block or take another lock out of order, with the value.
    func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        mutex.lock()
        defer { mutex.unlock() }
        return try body(&value)
    }
}
