/// Runs every task of a simulated world on the thread that calls `drain`, in the order in which they became ready.
///
/// Swift's own executors decide what runs next by what the machine's cores are doing; here the order depends on nothing
/// but the tasks themselves, so that a seed repeats a run exactly.
final class SimulationExecutor: TaskExecutor, @unchecked Sendable {
    private var ready: [UnownedJob] = []
    private var next = 0

    func enqueue(_ job: consuming ExecutorJob) {
        ready.append(UnownedJob(job))
    }

    /// Runs tasks until none is ready.
    func drain() {
        while next < ready.count {
            let job = ready[next]
            next += 1
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        ready.removeAll(keepingCapacity: true)
        next = 0
    }
}
