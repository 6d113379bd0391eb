import Foundation
import Providers
import Testing
import Workflow

@testable import Simulation

@Suite("Counting runs")
struct TallyTests {
    private func tally(of seeds: ClosedRange<UInt64>) -> RunTally {
        var tally = RunTally()
        for seed in seeds { tally.add(SimulationRun(seed: seed).outcome()) }
        return tally
    }

    @Test("Parts add up to the whole in any order")
    func addition() {
        let whole = tally(of: 1...12)
        let (first, second) = (tally(of: 1...5), tally(of: 6...12))
        var forth = first
        forth.add(second)
        var back = second
        back.add(first)
        #expect(forth == whole)
        #expect(back == whole)
        #expect(whole.seeds == 12)
        #expect(whole.ends.values.reduce(0, +) + whole.findings.count == 12)
        #expect(whole.steps > 12 * 20)
    }

    @Test("A tally survives the way from a worker process to its parent")
    func json() throws {
        var tally = tally(of: 1...5)
        var outcome = SimulationRun(seed: 6).outcome()
        outcome.violation = Violation(invariant: 7, detail: "made \"up\"\n")
        tally.add(outcome)
        let data = try JSONEncoder().encode(tally)
        #expect(!data.contains(0x0A))
        #expect(try JSONDecoder().decode(RunTally.self, from: data) == tally)
        #expect(tally.findings == [RunTally.Finding(seed: 6, invariant: 7, detail: "made \"up\"\n")])
    }

    @Test("Every cell of the table is required, or marked as one that cannot be hit")
    func table() {
        var coverage = Coverage()
        for _ in 0..<3 { coverage.hit("crash", in: "baking") }
        let states = FaultTable.states.count + 1
        let causes = SimulatedFault.allCases.map(\.rawValue) + OperatorCommand.allCases.map(\.rawValue)
        let rows = coverage.table.dropFirst().map { $0.split(separator: " ").map(String.init) }
        #expect(coverage.table.first?.split(separator: " ").count == states)
        #expect(rows.map(\.first) == causes)
        #expect(rows.allSatisfy { $0.count == states + 1 })
        let cells = rows.flatMap { $0.dropFirst() }
        #expect(cells.count { $0 != "-" } == coverage.required.count)
        #expect(cells.count { $0 == "3" } == 1)
        #expect(coverage.required.count > 300)
        #expect(Set(coverage.required.map(\.cell)).count == coverage.required.count)
        #expect(coverage.required.last?.hits == 3)
    }

    @Test("Every fault can bite in some state")
    func faults() {
        for fault in SimulatedFault.allCases {
            #expect(!FaultTable.states(of: fault).isEmpty, "\(fault)")
            #expect(FaultTable.states(of: fault).isSubset(of: FaultTable.states), "\(fault)")
        }
    }
}
