/// Finds the fewest injections of a seed that still break the same invariant.
public struct Minimiser: Sendable {
    /// What is left of a seed.
    public struct Result: Sendable {
        /// The injections that are needed, by their number in `SimulationRun.plannedFaults`, counted from 1.
        public var kept: [Int]
        /// The transcribed run with these alone.
        public var outcome: SimulationRun.Outcome
    }

    private let stepsBeforeHealing: Int

    /// Creates a minimiser of runs whose faults stop after `stepsBeforeHealing` steps at the latest.
    public init(stepsBeforeHealing: Int = .max) {
        self.stepsBeforeHealing = stepsBeforeHealing
    }

    /// The smallest run of a seed that breaks `invariant`; `nil` when the seed does not break it at all.
    public func minimum(of seed: UInt64, breaking invariant: Int) -> Result? {
        minimum(of: Scenario(seed: seed), breaking: invariant)
    }

    func minimum(of scenario: Scenario, breaking invariant: Int) -> Result? {
        func breaks(_ kept: [Int]) -> Bool {
            SimulationRun(scenario.keeping(kept), stepsBeforeHealing: stepsBeforeHealing)
                .outcome().violation?.invariant == invariant
        }
        let all = scenario.injections.isEmpty ? [] : Array(1...scenario.injections.count)
        guard breaks(all) else { return nil }
        let kept = Self.reduce(all, while: breaks)
        var smallest = scenario.keeping(kept)
        smallest.setting.isTranscribed = true
        return Result(
            kept: kept, outcome: SimulationRun(smallest, stepsBeforeHealing: stepsBeforeHealing).outcome())
    }

    /// Leaves elements out, one at a time, while `holds` is still true of the rest.
    ///
    /// `holds` must be true of all elements. It is then true of the result, and of no result with one element fewer.
    static func reduce<Element>(_ elements: [Element], while holds: ([Element]) -> Bool) -> [Element] {
        var left = elements
        var position = 0
        var sinceRemoval = 0
        while sinceRemoval < left.count {
            if position >= left.count { position = 0 }
            var fewer = left
            fewer.remove(at: position)
            if holds(fewer) {
                left = fewer
                sinceRemoval = 0
            } else {
                position += 1
                sinceRemoval += 1
            }
        }
        return left
    }
}

extension Scenario {
    /// The same scenario with only those injections whose number, counted from 1, is in `kept`.
    func keeping(_ kept: [Int]) -> Scenario {
        var scenario = self
        scenario.injections = injections.enumerated().filter { kept.contains($0.offset + 1) }.map(\.element)
        return scenario
    }
}
