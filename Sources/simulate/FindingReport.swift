import Simulation

/// The smallest run that shows one violation, and how to repeat it.
struct FindingReport {
    private let finding: RunTally.Finding
    private let steps: Int?

    init(_ finding: RunTally.Finding, steps: Int?) {
        self.finding = finding
        self.steps = steps
    }

    var lines: [String] {
        let planned = SimulationRun(seed: finding.seed).plannedFaults
        let minimiser = Minimiser(stepsBeforeHealing: steps ?? .max)
        guard let minimum = minimiser.minimum(of: finding.seed, breaking: finding.invariant) else {
            return ["A second run of this seed does not break the invariant: the simulation is not deterministic."]
        }
        let needed = minimum.kept.map { "  \($0). \(planned[$0 - 1])" }
        return [
            "Of \(planned.count) faults and commands, \(needed.isEmpty ? "none is needed." : "these are needed:")"
        ] + needed + [""]
            + TranscriptExcerpt(of: minimum.outcome.happenings).lines
            + ["", "To repeat this run: " + command(keeping: minimum.kept)]
    }

    private func command(keeping kept: [Int]) -> String {
        let numbers = kept.isEmpty ? "none" : kept.map { "\($0)" }.joined(separator: ",")
        return "scripts/simulate --seed \(finding.seed) --keep \(numbers)" + (steps.map { " --steps \($0)" } ?? "")
    }
}

/// One seed that was run to be looked at.
struct ReplayReport {
    let outcome: SimulationRun.Outcome
    /// All faults and commands of the seed.
    let planned: [String]
    /// The numbers of those that happened; `nil` for all.
    let kept: [Int]?

    var lines: [String] {
        let list = planned.enumerated().map { offset, text in
            let isLeftOut = kept?.contains(offset + 1) == false
            return "  \(offset + 1). \(text)\(isLeftOut ? " (left out)" : "")"
        }
        let verdict = outcome.violation.map { "Violation of \($0)." } ?? "All 16 invariants held; end: \(outcome.end)."
        return ["Seed \(outcome.seed), with these faults and commands:"] + list + [""]
            + outcome.happenings + [
                "",
                "\(outcome.steps) steps, \(outcome.processes) processes; digest \(String(outcome.digest, radix: 16))",
                verdict,
            ]
    }

    func json() throws -> String {
        let happens = planned.enumerated().filter { kept?.contains($0.offset + 1) ?? true }.map(\.element)
        return try SimulationReport.text(
            of: Document(
                seed: outcome.seed, faultsAndCommands: happens, transcript: outcome.transcript, end: outcome.end,
                steps: outcome.steps, processes: outcome.processes, digest: String(outcome.digest, radix: 16),
                violation: outcome.violation.map {
                    RunTally.Finding(seed: outcome.seed, invariant: $0.invariant, detail: $0.detail)
                }))
    }

    private struct Document: Encodable {
        var seed: UInt64
        var faultsAndCommands: [String]
        var transcript: [String]
        var end: String
        var steps: Int
        var processes: Int
        var digest: String
        var violation: RunTally.Finding?
    }
}

extension SimulationRun.Outcome {
    /// The transcript without its list of what is planned.
    fileprivate var happenings: [String] { Array(transcript.drop { $0.contains("  planned: ") }) }
}
