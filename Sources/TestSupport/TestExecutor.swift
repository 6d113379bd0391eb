private import Foundation

/// Runs tasks one after the other on a thread of its own, and knows when none is left to run.
///
/// With it a test moves its clock only when all of the code under test waits, so that no deadline passes while something
/// is merely computed.
public final class TestExecutor: TaskExecutor, @unchecked Sendable {
    // `ready` and `isRunning` are touched under the condition's lock only.
    private let condition = NSCondition()
    private var ready: [UnownedJob] = []
    private var isRunning = false
    private var isClosed = false

    /// Creates an executor; it runs until `close`.
    public init() {
        Thread.detachNewThread { [self] in work() }
    }

    /// Takes a task that has become ready.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        ready.append(job)
        condition.broadcast()
        condition.unlock()
    }

    /// Ends the thread once nothing is ready.
    public func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Calls `body` while nothing runs and nothing is ready; `false` when something is.
    func whenIdle(_ body: () -> Void) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard ready.isEmpty, !isRunning else { return false }
        isRunning = true
        condition.unlock()
        body()
        condition.lock()
        isRunning = false
        condition.broadcast()
        return true
    }

    private func work() {
        condition.lock()
        while true {
            while ready.isEmpty || isRunning {
                if isClosed && ready.isEmpty { return condition.unlock() }
                condition.wait()
            }
            let job = ready.removeFirst()
            isRunning = true
            condition.unlock()
            job.runSynchronously(on: asUnownedTaskExecutor())
            condition.lock()
            isRunning = false
            condition.broadcast()
        }
    }
}
