import Foundation
import Simulation

/// What many seeds came to, for people and for programs.
struct SimulationReport {
    /// Of how many invariants the smallest run is looked for.
    private static let shownFindings = 3
    private static let shownCells = 8

    let tally: RunTally
    let seeds: Range<UInt64>
    let steps: Int?
    let jobs: Int
    let minimumHits: Int?
    let elapsed: Duration

    private var seconds: Double { max(elapsed / .seconds(1), 0.001) }
    private var required: [(cell: Coverage.Cell, hits: Int)] { tally.coverage.required }
    private var missing: [(cell: Coverage.Cell, hits: Int)] {
        guard let minimumHits else { return [] }
        return required.filter { $0.hits < minimumHits }
    }

    /// Whether every invariant held and every cell was hit often enough.
    var isGreen: Bool { tally.findings.isEmpty && missing.isEmpty }

    // MARK: Text

    /// The report as text.
    var lines: [String] { summary + [""] + tally.coverage.table + [""] + smallest + findings + verdict }

    private var summary: [String] {
        let ends = tally.ends.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        let hours = Double(tally.simulatedMilliseconds) / 3_600_000
        return [
            "\(tally.seeds) seeds from \(seeds.lowerBound) on: \(ends.joined(separator: ", "))"
                + (tally.findings.isEmpty ? "" : ", \(tally.findings.count) with a violation"),
            "\(tally.steps) steps, \(text(hours, 1)) h of simulated time, \(tally.processes) processes; "
                + "\(text(seconds, 1)) s with \(jobs) \(jobs == 1 ? "worker" : "workers"), "
                + "\(Int(Double(tally.seeds) / seconds)) seeds a second",
        ]
    }

    private var smallest: [String] {
        let cells = required.prefix(Self.shownCells).map { "\($0.cell.cause) in \($0.cell.state) \($0.hits)" }
        return ["Fewest hits of \(required.count) cells: \(cells.joined(separator: ", "))"]
    }

    /// The smallest seed of each invariant that did not hold.
    private var examples: [RunTally.Finding] {
        var known: Set<Int> = []
        return tally.findings.filter { known.insert($0.invariant).inserted }
    }

    private var findings: [String] {
        let shown = examples.prefix(Self.shownFindings).flatMap { finding -> [String] in
            let seedsOfIt = tally.findings.filter { $0.invariant == finding.invariant }.map(\.seed)
            let others = seedsOfIt.dropFirst().prefix(10).map { "\($0)" }.joined(separator: ", ")
            return ["", "seed \(finding.seed): invariant \(finding.invariant): \(finding.detail)"]
                + (others.isEmpty ? [] : ["(\(seedsOfIt.count) seeds break this invariant, also \(others))"])
                + FindingReport(finding, steps: steps).lines
        }
        let rest = examples.dropFirst(Self.shownFindings).map {
            "\nseed \($0.seed): invariant \($0.invariant): \($0.detail)"
        }
        return shown + rest
    }

    private var verdict: [String] {
        var lines: [String] = []
        for (cell, hits) in missing {
            lines.append("Too few hits: \(cell.cause) in \(cell.state) has \(hits), not \(minimumHits ?? 0).")
        }
        lines.append(
            tally.findings.isEmpty
                ? "All 16 invariants held."
                : "\(tally.findings.count) of \(tally.seeds) seeds break an invariant.")
        return [""] + lines
    }

    private func text(_ number: Double, _ places: Int) -> String { String(format: "%.\(places)f", number) }

    // MARK: JSON

    /// The report as JSON.
    func json() throws -> String {
        var cells: [String: [String: Int]] = [:]
        for (cell, hits) in required { cells[cell.cause, default: [:]][cell.state] = hits }
        let document = Document(
            firstSeed: seeds.lowerBound, seeds: tally.seeds, ends: tally.ends, steps: tally.steps,
            simulatedSeconds: tally.simulatedMilliseconds / 1000, processes: tally.processes, workers: jobs,
            wallSeconds: (seconds * 1000).rounded() / 1000, coverage: cells, violations: tally.findings,
            cellsWithTooFewHits: missing.map { "\($0.cell.cause) in \($0.cell.state)" }, isGreen: isGreen)
        return try Self.text(of: document)
    }

    static func text(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private struct Document: Encodable {
        var firstSeed: UInt64
        var seeds: Int
        var ends: [String: Int]
        var steps: Int
        var simulatedSeconds: Int64
        var processes: Int
        var workers: Int
        var wallSeconds: Double
        var coverage: [String: [String: Int]]
        var violations: [RunTally.Finding]
        var cellsWithTooFewHits: [String]
        var isGreen: Bool
    }
}
