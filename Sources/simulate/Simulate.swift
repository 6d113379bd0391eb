import ArgumentParser
import Simulation

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "simulate")
    @Option var seeds: UInt64 = 1000
    @Option var first: UInt64 = 1
    @Flag var transcript = false

    func run() throws {
        var coverage = Coverage()
        var ends: [String: Int] = [:]
        var violations = 0
        var steps = 0
        for seed in first..<first + seeds {
            let outcome = SimulationRun(seed: seed, isTranscribed: transcript).outcome()
            coverage.add(outcome.coverage)
            ends[outcome.end, default: 0] += 1
            steps += outcome.steps
            if transcript { outcome.transcript.forEach { print($0) } }
            if let violation = outcome.violation {
                violations += 1
                print("seed \(seed): \(violation)")
                if violations > 200 { break }
            }
        }
        print(ends.sorted { $0.key < $1.key }, steps, violations)
        if !transcript { coverage.table.forEach { print($0) } }
    }
}
