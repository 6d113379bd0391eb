import Foundation
import Testing

@testable import Statistics

@Suite("False alarms and power, measured by simulation")
struct SimulationTests {
    private static let alpha = 0.02
    private static let quantile = 0.95

    /// A design in which every significant difference counts, so that its alarms are those of the tests.
    private func bare(_ minSamples: Int, _ maxSamples: Int) throws -> ComparisonDesign {
        try ComparisonDesign(
            minSamples: minSamples, maxSamples: maxSamples, alpha: Self.alpha, minMedianRatio: 1, minTailRatio: 1,
            maxErrorIncrease: 0)
    }

    private func design(_ minSamples: Int, _ maxSamples: Int) throws -> ComparisonDesign {
        try ComparisonDesign(minSamples: minSamples, maxSamples: maxSamples, alpha: Self.alpha)
    }

    private func percent(_ share: Double) -> String { String(format: "%6.2f %%", share * 100) }

    @Test("A replacement that does not differ is failed no more often than alpha")
    func falseAlarms() throws {
        let workloads: [(String, Workload)] = [
            ("log-normal", Workload()),
            ("log-normal, 5 % ten times slower", Workload(slowShare: 0.05)),
            ("whole 10 ms: many ties", Workload(resolution: 10)),
            ("5 % errors", Workload(errorRate: 0.05)),
            ("all of it", Workload(slowShare: 0.05, errorRate: 0.05, resolution: 10)),
        ]
        let runs = 2 * ComparisonSimulation.runs
        // A true rate of alpha or less is measured above this bound once in 700 cells only: three standard errors.
        let bound = Self.alpha + 3 * (Self.alpha * (1 - Self.alpha) / Double(runs)).squareRoot()
        print("False alarms at alpha = \(percent(Self.alpha)), \(runs) runs a cell, accepted up to \(percent(bound))")
        print("  tests only = every significant difference counts; design = the example's least effects too")
        print("  tests only 200  tests only 200…1000  design 200…1000")
        for (name, workload) in workloads {
            let simulation = ComparisonSimulation(original: workload, replacement: workload)
            let single = simulation.tally(try bare(200, 200), runs: runs).failureRate
            let several = simulation.tally(try bare(200, 1000), runs: runs).failureRate
            let whole = simulation.tally(try design(200, 1000), runs: runs).failureRate
            print("  \(percent(single))        \(percent(several))             \(percent(whole))         \(name)")
            #expect(single <= bound, "\(name)")
            #expect(several <= bound, "\(name)")
            #expect(whole <= bound, "\(name)")
        }
        // The control: without sharing out alpha the same bound is broken.
        let control = try ComparisonSimulation(original: Workload(), replacement: Workload())
            .alarms(size: 200, alpha: Self.alpha, quantile: Self.quantile, runs: runs).either
        print("  \(percent(control))  control: both tests of latencies, each at the whole alpha")
        #expect(control > bound)
    }

    @Test("The tail test finds a 5 % tail regression that Mann–Whitney misses")
    func tailPower() throws {
        let simulation = ComparisonSimulation(original: Workload(), replacement: Workload(slowShare: 0.05))
        print("Power: 5 % of the replacement's answers take ten times as long; single tests at alpha = \(Self.alpha)")
        print("  samples  Mann–Whitney  tail test  either  the whole decision (level shared out, least effects)")
        for size in [200, 400, 1000] {
            let alarms = try simulation.alarms(size: size, alpha: Self.alpha, quantile: Self.quantile)
            let whole = simulation.tally(try design(size, size)).failureRate
            print(
                "  \(size)".padding(toLength: 11, withPad: " ", startingAt: 0) + percent(alarms.mannWhitney) + "      "
                    + percent(alarms.tail) + "   " + percent(alarms.either) + "   " + percent(whole))
            guard size == 200 else { continue }
            #expect((0.09...0.15).contains(alarms.mannWhitney))
            #expect((0.54...0.64).contains(alarms.tail))
            #expect(whole > 2 * alarms.mannWhitney)
        }
        let sequential = simulation.tally(try design(200, 1000))
        print("  200…1000: \(percent(sequential.failureRate)) after \(Int(sequential.meanProbes)) probes on average")
        #expect(sequential.failureRate > 0.9)
    }

    @Test("Regressions of each kind are found from 200 to 1,000 samples")
    func power() throws {
        let regressions: [(String, Workload, ClosedRange<Double>)] = [
            ("median 5 % slower: too small to count", Workload(median: 52.5), 0...0.2),
            ("median 20 % slower", Workload(median: 60), 0.95...1),
            ("2 % of the answers ten times slower", Workload(slowShare: 0.02), 0.2...1),
            ("2 % errors", Workload(errorRate: 0.02), 0.85...1),
            ("5 % errors", Workload(errorRate: 0.05), 0.99...1),
        ]
        print("Power of the whole decision, 200…1000 samples, alpha = \(Self.alpha)")
        for (name, workload, expected) in regressions {
            let tally = ComparisonSimulation(original: Workload(), replacement: workload).tally(try design(200, 1000))
            print("  \(percent(tally.failureRate)) after \(Int(tally.meanProbes)) probes on average: \(name)")
            #expect(expected.contains(tally.failureRate), "\(name)")
        }
    }
}
