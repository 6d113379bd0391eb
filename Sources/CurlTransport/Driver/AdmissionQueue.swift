/// Decides which jobs may begin: first come, first served, within the limits in total and per lane.
///
/// libcurl's own limits are not used: what waits in libcurl 7.84 and later uses up its connect timeout.
struct AdmissionQueue {
    /// Names what shares a limit.
    struct Lane: Hashable {
        var name: String
        var limit: Int
    }

    private struct LaneState {
        var active = 0
        /// Holds the jobs that wait, in the order of their ids, from `first` on.
        var jobs: [Job] = []
        var first = 0

        var waiting: ArraySlice<Job> { jobs[first...] }

        mutating func takeFirst() -> Job {
            let job = jobs[first]
            first += 1
            if first * 2 > jobs.count {
                jobs.removeFirst(first)
                first = 0
            }
            return job
        }
    }

    private let maxActive: Int
    private let maxWaiting: Int
    private var active = 0
    private var waitingCount = 0
    private var lanes: [Lane: LaneState] = [:]

    init(maxActive: Int, maxWaiting: Int) {
        self.maxActive = maxActive
        self.maxWaiting = maxWaiting
    }

    /// Queues a job; returns `false` if too many wait.
    mutating func append(_ job: Job, lane: Lane) -> Bool {
        let mayBeginNow = active < maxActive && lanes[lane]?.active ?? 0 < lane.limit
        guard waitingCount < maxWaiting || (mayBeginNow && waitingCount == 0) else { return false }
        lanes[lane, default: LaneState()].jobs.append(job)
        waitingCount += 1
        return true
    }

    /// Takes the next job that may begin now; it holds a place until ``release(_:)``.
    mutating func admit() -> (job: Job, lane: Lane)? {
        guard active < maxActive, waitingCount > 0 else { return nil }
        var next: (id: UInt64, lane: Lane)?
        for (lane, state) in lanes where state.active < lane.limit {
            guard let id = state.waiting.first?.id, id < next?.id ?? .max else { continue }
            next = (id, lane)
        }
        guard let lane = next?.lane, let job = lanes[lane]?.takeFirst() else { return nil }
        lanes[lane]?.active += 1
        active += 1
        waitingCount -= 1
        return (job, lane)
    }

    /// Gives back the place of a job that has ended.
    mutating func release(_ lane: Lane) {
        active -= 1
        lanes[lane]?.active -= 1
        dropIfUnused(lane)
    }

    /// Removes the jobs that satisfy a condition.
    mutating func remove(where condition: (Job) -> Bool) -> [Job] {
        var removed: [Job] = []
        for (lane, state) in lanes {
            let taken = state.waiting.filter(condition)
            guard !taken.isEmpty else { continue }
            removed += taken
            lanes[lane]?.jobs = state.waiting.filter { !condition($0) }
            lanes[lane]?.first = 0
            waitingCount -= taken.count
            dropIfUnused(lane)
        }
        return removed
    }

    /// Returns the earliest deadline of the jobs that wait.
    var earliestDeadline: ContinuousClock.Instant? {
        lanes.values.lazy.flatMap(\.waiting).map(\.deadline).min()
    }

    private mutating func dropIfUnused(_ lane: Lane) {
        guard let state = lanes[lane], state.active == 0, state.waiting.isEmpty else { return }
        lanes[lane] = nil
    }
}
