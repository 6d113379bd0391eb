import Foundation

@testable import Statistics

/// Many comparisons of two simulated sides.
struct ComparisonSimulation {
    /// How comparisons ended.
    struct Tally {
        var runs = 0
        var failures = 0
        var probes = 0

        var failureRate: Double { Double(failures) / Double(max(1, runs)) }
        var meanProbes: Double { Double(probes) / Double(max(1, runs)) }
    }

    /// How often single tests were significant at `alpha`, without any split of it.
    struct Alarms {
        var mannWhitney = 0.0
        var tail = 0.0
        var either = 0.0
    }

    var original: Workload
    var replacement: Workload
    var seed: UInt64 = 20_270_309

    /// How many comparisons each line of a table rests on; more are slower and give the same to more digits.
    static let runs = ProcessInfo.processInfo.environment["STATISTICS_SIMULATION_RUNS"].flatMap(Int.init) ?? 2000

    /// Runs whole comparisons, from the first look to the verdict.
    func tally(_ design: ComparisonDesign, runs: Int = Self.runs) -> Tally {
        var random = SeededRandom(seed: seed)
        var tally = Tally()
        for _ in 0..<runs {
            var run = ComparisonRun(design)
            var (old, new) = (ComparisonSeries(), ComparisonSeries())
            while let due = run.nextLook {
                original.probe(due - old.attemptCount, into: &old, &random)
                replacement.probe(due - new.attemptCount, into: &new, &random)
                _ = run.look(original: old, replacement: new)
            }
            tally.runs += 1
            tally.probes += old.attemptCount
            if run.report?.verdict == .fail { tally.failures += 1 }
        }
        return tally
    }

    /// Makes the tests of latencies by themselves on `size` answers of each side.
    func alarms(size: Int, alpha: Double, quantile: Double, runs: Int = Self.runs) throws -> Alarms {
        var random = SeededRandom(seed: seed)
        var alarms = Alarms()
        let step = 1 / Double(runs)
        for _ in 0..<runs {
            var (old, new) = (ComparisonSeries(), ComparisonSeries())
            original.probe(size, into: &old, &random)
            replacement.probe(size, into: &new, &random)
            let (oldSample, newSample) = (try OrderedSample(old.latencies), try OrderedSample(new.latencies))
            let boundary = newSample.pooled(with: oldSample).quantile(quantile)
            let table = ContingencyTable(
                firstHits: newSample.exceedances(of: boundary), of: newSample.count,
                secondHits: oldSample.exceedances(of: boundary), of: oldSample.count)
            let shift = MannWhitneyTest(newSample, oldSample, alternative: .greater).pValue <= alpha
            let tail = FisherExactTest(table, alternative: .greater).pValue <= alpha
            if shift { alarms.mannWhitney += step }
            if tail { alarms.tail += step }
            if shift || tail { alarms.either += step }
        }
        return alarms
    }
}
