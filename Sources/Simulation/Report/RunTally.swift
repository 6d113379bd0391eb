import Workflow

/// What a number of runs came to together.
///
/// Tallies of different seeds can be added up in any order. As JSON a tally is small enough that worker processes
/// report their share of the seeds as one line for every few.
public struct RunTally: Sendable, Hashable, Codable {
    /// A seed with an invariant that did not hold.
    public struct Finding: Sendable, Hashable, Codable {
        /// The seed.
        public var seed: UInt64
        /// The invariant's number, 1 to 16.
        public var invariant: Int
        /// What was seen instead.
        public var detail: String

        /// Creates a finding.
        public init(seed: UInt64, invariant: Int, detail: String) {
            self.seed = seed
            self.invariant = invariant
            self.detail = detail
        }
    }

    /// How many seeds were run.
    public private(set) var seeds = 0
    /// How many steps they took in all.
    public private(set) var steps = 0
    /// How long they took in simulated time, in milliseconds.
    public private(set) var simulatedMilliseconds: Int64 = 0
    /// How many processes took part.
    public private(set) var processes = 0
    /// How many swaps ended in which way; a run that was stopped by a violation has no end.
    public private(set) var ends: [String: Int] = [:]
    /// Which faults and commands met swaps in which states.
    public private(set) var coverage = Coverage()
    /// The seeds with a violation, smallest first.
    public private(set) var findings: [Finding] = []

    /// Creates a tally of no runs.
    public init() {}

    /// Counts one run.
    public mutating func add(_ outcome: SimulationRun.Outcome) {
        seeds += 1
        steps += outcome.steps
        simulatedMilliseconds += outcome.simulated.milliseconds
        processes += outcome.processes
        coverage.add(outcome.coverage)
        if let violation = outcome.violation {
            insert([Finding(seed: outcome.seed, invariant: violation.invariant, detail: violation.detail)])
        } else {
            ends[outcome.end, default: 0] += 1
        }
    }

    /// Counts the runs of another tally.
    public mutating func add(_ other: RunTally) {
        seeds += other.seeds
        steps += other.steps
        simulatedMilliseconds += other.simulatedMilliseconds
        processes += other.processes
        ends.merge(other.ends) { $0 + $1 }
        coverage.add(other.coverage)
        insert(other.findings)
    }

    private mutating func insert(_ new: [Finding]) {
        guard !new.isEmpty else { return }
        findings = (findings + new).sorted { $0.seed < $1.seed }
    }
}

extension Coverage: Codable {
    /// Reads a table whose keys are a cause and a state with a space between.
    public init(from decoder: any Decoder) throws {
        self.init()
        for (key, count) in try decoder.singleValueContainer().decode([String: Int].self) {
            let words = key.split(separator: " ").map(String.init)
            guard words.count == 2, count > 0 else { continue }
            for _ in 0..<count { hit(words[0], in: words[1]) }
        }
    }

    /// Writes the table as an object whose keys are a cause and a state with a space between.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let pairs = hits.map { ("\($0.key.cause) \($0.key.state)", $0.value) }
        try container.encode(Dictionary(pairs) { $0 + $1 })
    }
}
