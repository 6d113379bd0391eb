import Engine
import Workflow

/// Drives the updates of one command, so many at a time; after one that did not end well no other is begun.
struct UpdateGroup: Sendable {
    /// What drives them; `nil` where no instance has anything to do.
    let runner: SwapRunner?
    let options: DriveOptions
    let maxInFlight: Int
    let asks: Bool
    let clock: any WorkflowClock

    /// Updates the instances and says how each ended, in their order.
    func run(_ jobs: [UpdateJob]) async -> [UpdateOutcome] {
        guard maxInFlight > 1, let runner else {
            var outcomes: [UpdateOutcome] = []
            for job in jobs {
                let mayBegin = outcomes.allSatisfy(\.isGood)
                outcomes.append(await outcome(of: job, mayBegin: mayBegin))
            }
            return outcomes
        }
        // The first Ctrl-C stops every update in flight at its next durable point.
        return await runner.interruptible(Task { await side(by: jobs) })
    }

    private func side(by jobs: [UpdateJob]) async -> [UpdateOutcome] {
        await withTaskGroup(of: (Int, UpdateOutcome).self) { group in
            var outcomes = jobs.map { Self.untouched($0) }
            var waiting = jobs.indices.filter { !jobs[$0].isCurrent }[...]
            var inFlight = 0
            var mayBegin = true
            while true {
                while mayBegin, !Task.isCancelled, inFlight < maxInFlight, let next = waiting.popFirst() {
                    group.addTask { (next, await outcome(of: jobs[next], mayBegin: true)) }
                    inFlight += 1
                }
                guard let (index, outcome) = await group.next() else { return outcomes }
                outcomes[index] = outcome
                mayBegin = mayBegin && outcome.isGood
                inFlight -= 1
            }
        }
    }

    /// How an instance stands whose update has not begun.
    private static func untouched(_ job: UpdateJob) -> UpdateOutcome {
        guard case .current(let instance, let rebootIsPending) = job else {
            return UpdateOutcome(job.instance, .notBegun)
        }
        return UpdateOutcome(instance, rebootIsPending ? .rebootPending : .alreadyCurrent)
    }

    private func outcome(of job: UpdateJob, mayBegin: Bool) async -> UpdateOutcome {
        guard let runner, mayBegin, !job.isCurrent else { return Self.untouched(job) }
        let start = clock.monotonicMilliseconds()
        var outcome = await drive(job, maxInFlight > 1 ? runner.labelled(job.instance.name) : runner)
        outcome.durationMs = clock.monotonicMilliseconds() - start
        return outcome
    }

    private func drive(_ job: UpdateJob, _ runner: SwapRunner) async -> UpdateOutcome {
        let id: SwapID
        let plan: Plan
        switch job {
        case .goOn(let live): (id, plan) = (live.row.id, live.swap.plan)
        case .begin(let swap): (id, plan) = (swap.id, swap.plan)
        case .current: return Self.untouched(job)
        }
        do {
            let ended: (ExitStatus, SwapDocument?)
            if case .begin(let swap) = job {
                ended = try await runner.begin(
                    swap, options: options, asks: asks, isInterruptible: maxInFlight == 1)
            } else {
                ended = try await runner.takeUp(
                    id, options: options, asks: asks, isInterruptible: maxInFlight == 1)
            }
            let (status, document) = ended
            guard let document else { return UpdateOutcome(job.instance, .notBegun) }
            if runner.output.format == .jsonl { runner.output.document(document) }
            return UpdateOutcome(job.instance, plan, status, document)
        } catch {
            return UpdateOutcome(job.instance, id, CommandFailure(error))
        }
    }
}
