import Dispatch

/// Runs an actor's jobs one after another on a dispatch queue, so that its blocking calls never occupy the
/// cooperative pool and cancelling a task never interrupts a transaction.
final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label, qos: .userInitiated)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
