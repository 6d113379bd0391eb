import Testing

@testable import Simulation

@Suite("A seed repeats a run exactly")
struct DeterminismTests {
    /// One of every 64 seeds writes evidence and reads records back.
    private static let seeds: [UInt64] = [1, 2, 3, 5, 8, 13, 64, 1_000_003]

    @Test("Two runs in one process have the same transcript", arguments: seeds)
    func repeats(seed: UInt64) {
        let first = SimulationRun(seed: seed, isTranscribed: true).outcome()
        let second = SimulationRun(seed: seed, isTranscribed: true).outcome()
        #expect(first.transcript.count > 5)
        #expect(first.transcript == second.transcript)
        #expect(first.digest == second.digest)
    }

    @Test("Writing a transcript changes nothing of what happens", arguments: seeds)
    func transcribing(seed: UInt64) {
        var transcribed = SimulationRun(seed: seed, isTranscribed: true).outcome()
        let plain = SimulationRun(seed: seed).outcome()
        #expect(plain.transcript.isEmpty)
        transcribed.transcript = []
        #expect(transcribed.digest == plain.digest)
    }

    @Test("Different seeds are different runs")
    func differs() {
        let digests = (UInt64(1)...40).map { SimulationRun(seed: $0, isTranscribed: true).outcome().digest }
        #expect(Set(digests).count == digests.count)
    }

    /// Swift's hashes differ from process to process, so whatever depends on one shows here.
    @Test("Two processes print the digests that this one computes")
    func processes() async throws {
        let first = try await Simulator.run("--seeds", "40", "--digests")
        let second = try await Simulator.run("--seeds", "40", "--digests")
        let expected = (UInt64(1)...40).map { seed -> String in
            let outcome = SimulationRun(seed: seed, isTranscribed: true).outcome()
            return "\(seed) \(String(outcome.digest, radix: 16))\n"
        }.joined()
        #expect(first.code == 0, "\(first.text)")
        #expect(first.output == expected)
        #expect(second.output == expected)
    }

    @Test("A digest depends on every part of an outcome")
    func digest() {
        let outcome = SimulationRun(seed: 3, isTranscribed: true).outcome()
        let changes: [(inout SimulationRun.Outcome) -> Void] = [
            { $0.seed += 1 }, { $0.end += "?" }, { $0.steps += 1 }, { $0.processes += 1 },
            { $0.violation = Violation(invariant: 1, detail: "made up") }, { $0.transcript.removeLast() },
            { $0.transcript.swapAt(0, 1) }, { $0.coverage.hit("crash", in: "baking") },
        ]
        let digests = changes.map { change -> UInt64 in
            var changed = outcome
            change(&changed)
            return changed.digest
        }
        #expect(Set(digests + [outcome.digest]).count == changes.count + 1)
    }
}
