import Engine
import Providers
public import Workflow

/// One swap in a simulated world, from a seed to its end: the same seed gives the same run, always.
public struct SimulationRun: Sendable {
    /// What came of a run.
    public struct Outcome: Sendable {
        /// The seed.
        public var seed: UInt64
        /// The invariant that did not hold; `nil` when all did.
        public var violation: Violation?
        /// How the swap ended, such as `succeeded` or `rolledBack`.
        public var end: String
        /// How often something happened: a moment of the clock at which a task or the world went on.
        public var steps: Int
        /// How long the run took in simulated time.
        public var simulated: Span
        /// How many processes took part.
        public var processes: Int
        /// Which faults and commands met the swap in which states.
        public var coverage: Coverage
        /// What happened, a line each; empty unless the run was transcribed.
        public var transcript: [String]
    }

    /// The most steps of a run before it counts as never ending.
    private static let stepLimit = 400_000
    /// How long a swap may take to its end once faults have stopped (invariant 15).
    private static let endLimit = Span.hours(6)

    private let scenario: Scenario
    private let stepsBeforeHealing: Int

    /// Prepares the run of a seed; after `stepsBeforeHealing` steps at the latest faults stop.
    ///
    /// - Parameter kept: which of `plannedFaults` happen, counted from 1; `nil` for all of them.
    public init(
        seed: UInt64, keeping kept: [Int]? = nil, stepsBeforeHealing: Int = .max, isTranscribed: Bool = false
    ) {
        let whole = Scenario(seed: seed, isTranscribed: isTranscribed)
        scenario = kept.map(whole.keeping) ?? whole
        self.stepsBeforeHealing = stepsBeforeHealing
    }

    init(_ scenario: Scenario, stepsBeforeHealing: Int = .max) {
        self.scenario = scenario
        self.stepsBeforeHealing = stepsBeforeHealing
    }

    /// What the seed lets happen, one line each.
    public var plannedFaults: [String] { scenario.injections.map(\.description) }

    /// Runs the swap to its end or to the first invariant that does not hold.
    public func outcome() -> Outcome {
        let world = World(seed: scenario.seed, setting: scenario.setting)
        world.monitor.readsBack = scenario.setting.writesEvidence
        let director = Director(world: world, scenario: scenario)
        for line in plannedFaults { world.transcript.note("planned: \(line)") }
        director.begin()
        var steps = 0
        let limit = scenario.healsAfter + Self.endLimit
        while true {
            world.executor.drain()
            if director.hasEnded || world.monitor.violation != nil { break }
            guard world.clock.advance() else {
                world.monitor.fail(15, "nothing is going on any more, in \(director.stateName)")
                break
            }
            steps += 1
            if steps == stepsBeforeHealing { director.heal() }
            if steps > Self.stepLimit || world.clock.now > limit.milliseconds {
                world.monitor.fail(
                    15, "no end after \(steps) steps and \(world.clock.now / 1000) s, in \(director.stateName)")
                break
            }
        }
        let outcome = Outcome(
            seed: scenario.seed, violation: world.monitor.violation, end: director.end, steps: steps,
            simulated: Span(milliseconds: world.clock.now), processes: world.processes.count,
            coverage: director.coverage, transcript: world.transcript.lines)
        director.close()
        world.executor.drain()
        return outcome
    }
}
