import Providers
import Testing
import Workflow

@testable import Commands
@testable import Simulation

/// What a rehearsal says about a bug in Changeover itself, which no seed shows on demand.
@Suite("changeover rehearse: problems") struct RehearsalProblemTests {
    private static let rehearsal = Rehearsal(
        playbook: Playbook(name: "sample", selection: Playbook.Selection(tags: ["role": "web"])),
        checks: [], faults: [RehearsedFault(.crash, hasTraffic: true)], seed: 42, approves: false, goesToEnd: true)

    private static func text(_ change: (inout RehearsalReport) -> Void) -> RehearsalText {
        var report = RehearsalReport(
            seed: 42, moments: [], runs: [], faults: rehearsal.faults.map { RehearsalReport.Fault(fault: $0) },
            swap: nil, machines: [], violation: nil, isBrokenOff: false, length: .seconds(5))
        change(&report)
        return RehearsalText(rehearsal: rehearsal, report: report, playbook: "web.yaml", output: Output(.text))
    }

    @Test("A violated invariant asks for a report, with the command that shows it again")
    func violation() throws {
        let problem = try #require(
            Self.text { $0.violation = Violation(invariant: 3, detail: "nobody serves") }.problem)
        #expect(problem.contains("violated invariant 3: nobody serves"))
        #expect(problem.contains("Please report it"))
        #expect(
            problem.hasSuffix(
                "changeover rehearse web.yaml --seed 42 --fault crash@promoting --until end --no-approve"))
    }

    @Test("A rehearsal that was broken off says where and why")
    func brokenOff() throws {
        let problem = try #require(Self.text { $0.isBrokenOff = true }.problem)
        #expect(problem.contains("broken off"))
        #expect(problem.contains("0:00:05.0"))
    }

    @Test("Without a problem there is none")
    func none() {
        #expect(Self.text { _ in }.problem == nil)
    }
}
