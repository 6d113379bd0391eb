import ArgumentParser
import Foundation
import Simulation

/// Runs simulated swaps under faults and says whether all invariants held.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs simulated swaps under faults and checks all 16 invariants after every step.",
        discussion: """
            Every seed is one swap in a simulated world with its own faults, commands and processes; the same seed is \
            the same run, always. Once faults stop, every swap must come to its end within a bound.

            With --seed and without --seeds that one seed is run and its transcript printed. When an invariant does \
            not hold, the faults and commands that are not needed for that are left out one by one; what is left is \
            printed, with the command that repeats it.

            The exit code is 0 when every invariant held, 1 when one did not or a cell of the coverage table has too \
            few hits, 64 for wrong usage and 70 when a worker process ended before its time.
            """)

    @OptionGroup var choice: SeedChoice

    @Option(help: ArgumentHelp("Let faults stop after this many steps of a seed.", valueName: "M"))
    var steps: Int?

    @Option(help: ArgumentHelp("Worker processes; as many as there are cores unless given.", valueName: "J"))
    var jobs: Int?

    @Option(help: ArgumentHelp("Fail if a cell of the coverage table has fewer hits.", valueName: "K"))
    var minimumHits: Int?

    @Option(
        help: ArgumentHelp(
            "Let only these of a seed's faults and commands happen, by number; or none.", valueName: "2,5"))
    var keep: KeptInjections?

    @Flag(help: "Stop at the first violation.")
    var untilViolation = false

    @Flag(help: "Print a digest of each seed's transcript and nothing else.")
    var digests = false

    @Option(help: "How to print: text or json.")
    var output = OutputFormat.text

    @Option(help: .hidden)
    var share: WorkShare?

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    private var stepsBeforeHealing: Int { steps ?? .max }

    func validate() throws {
        if let steps, steps < 1 { throw ValidationError("--steps must be 1 or more.") }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be from 1 to 256.") }
        if let minimumHits, minimumHits < 1 { throw ValidationError("--minimum-hits must be 1 or more.") }
        if keep != nil, !choice.isReplay {
            throw ValidationError("--keep is for one seed: give --seed and no --seeds.")
        }
        if minimumHits != nil, choice.isReplay || digests {
            throw ValidationError("--minimum-hits is for a table of many seeds.")
        }
        if digests, output == .json { throw ValidationError("--digests prints text only.") }
    }

    func run() throws {
        if let share {
            return Worker(range: try choice.range(), share: share, stepsBeforeHealing: stepsBeforeHealing)
                .run(isStopping: untilViolation)
        }
        if digests { return printDigests(of: try choice.range()) }
        if choice.isReplay { return try replay(try choice.range().lowerBound) }
        try runMany(try choice.range())
    }

    private func printDigests(of seeds: Range<UInt64>) {
        for seed in seeds {
            let run = SimulationRun(
                seed: seed, keeping: keep?.numbers, stepsBeforeHealing: stepsBeforeHealing, isTranscribed: true)
            Output.line("\(seed) \(String(run.outcome().digest, radix: 16))")
        }
    }

    private func replay(_ seed: UInt64) throws {
        let planned = SimulationRun(seed: seed).plannedFaults
        if let number = keep?.numbers.first(where: { !(1...planned.count).contains($0) }) {
            throw ValidationError("seed \(seed) has \(planned.count) faults and commands, so there is no \(number).")
        }
        let run = SimulationRun(
            seed: seed, keeping: keep?.numbers, stepsBeforeHealing: stepsBeforeHealing, isTranscribed: true)
        let outcome = run.outcome()
        let report = ReplayReport(outcome: outcome, planned: planned, kept: keep?.numbers)
        Output.lines(output == .json ? [try report.json()] : report.lines)
        if outcome.violation != nil { throw ExitCode(1) }
    }

    private func runMany(_ seeds: Range<UInt64>) throws {
        let started = ContinuousClock.now
        let pool = WorkerPool(
            seeds: seeds, steps: steps, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount,
            isStopping: untilViolation)
        if choice.isFresh { Output.error("A fresh range of seeds: --seeds \(seeds.count) --seed \(seeds.lowerBound)") }
        let tally: RunTally
        do { tally = try pool.run() } catch {
            Output.error("simulate: \(error)")
            throw ExitCode(70)
        }
        let report = SimulationReport(
            tally: tally, seeds: seeds, steps: steps, jobs: pool.jobs, minimumHits: minimumHits,
            elapsed: started.duration(to: .now))
        Output.lines(output == .json ? [try report.json()] : report.lines)
        if !report.isGreen { throw ExitCode(1) }
    }
}
