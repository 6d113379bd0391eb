import Foundation
import Simulation

/// A worker process: runs its share of the seeds and writes a tally for every few of them, a line of JSON each.
struct Worker {
    /// Within how many seconds a seed must be over; then the process is ended by SIGALRM.
    static let patience: UInt32 = 300
    private static let reportInterval = Duration.milliseconds(200)

    let range: Range<UInt64>
    let share: WorkShare
    let stepsBeforeHealing: Int

    func run(isStopping: Bool) {
        let parent = getppid()
        var tally = RunTally()
        var reported = ContinuousClock.now
        for seed in share.seeds(of: range) {
            // Whoever reads is gone: nobody wants to know any more.
            guard getppid() == parent else { return }
            alarm(Self.patience)
            tally.add(SimulationRun(seed: seed, stepsBeforeHealing: stepsBeforeHealing).outcome())
            if isStopping, !tally.findings.isEmpty { break }
            if reported.duration(to: .now) > Self.reportInterval {
                report(tally)
                tally = RunTally()
                reported = .now
            }
        }
        alarm(0)
        report(tally)
        Output.line(Self.lastWord)
    }

    /// What a worker says when it is done, so that one that broke off is never taken for that.
    static let lastWord = "done"

    private func report(_ tally: RunTally) {
        guard let data = try? JSONEncoder().encode(tally) else { return }
        Output.line(String(decoding: data, as: UTF8.self))
    }
}
