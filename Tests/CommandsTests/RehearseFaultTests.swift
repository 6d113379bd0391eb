import Foundation
import Testing

/// How the shipped playbook's rehearsal ends after a fault.
struct FaultCase: Sendable, CustomTestStringConvertible {
    var fault: String
    /// The state in which the swap is left.
    var end: String
    /// What the process of `swap` gives, and what the swap came to in the end.
    var exitCode: Int32
    var finalExitCode: Int32
    /// Who runs in the end and gets traffic.
    var running: [String]

    var testDescription: String { fault }

    static let original = "i-1"
    static let replacement = "i-2"

    static func done(_ faults: String..., exit: Int32 = 0) -> [FaultCase] {
        faults.map {
            FaultCase(fault: $0, end: "holding", exitCode: exit, finalExitCode: 0, running: [replacement])
        }
    }

    static func back(_ faults: String...) -> [FaultCase] {
        faults.map {
            FaultCase(fault: $0, end: "rolledBack", exitCode: 2, finalExitCode: 2, running: [original])
        }
    }

    static func refused(_ faults: String...) -> [FaultCase] {
        faults.map { FaultCase(fault: $0, end: "refused", exitCode: 4, finalExitCode: 4, running: [original]) }
    }

    static func stuck(_ faults: String..., exit: Int32) -> [FaultCase] {
        faults.map {
            FaultCase(fault: $0, end: "needsOperator", exitCode: exit, finalExitCode: 3, running: [replacement])
        }
    }

    static let all: [FaultCase] = [
        done(
            "lost-request", "lost-answer", "duplicate", "slow-answer", "garbled-answer", "outage", "throttle",
            "expired-credentials", "stale-reads", "flapping-check", "warning-check", "sick-original", "slow-stop",
            "router-outage", "slow-router-health", "router-refusal", "partial-shift", "clock-forward", "clock-back",
            "slow-store", "rival"
        ),
        done("crash", "crash-before-write", "crash-after-write", exit: 137), done("interrupt", "stall", exit: 5),
        done("disk-full", "failed-sync", exit: 3),
        refused("capacity", "quota"),
        back(
            "slow-boot", "stuck-boot", "failed-boot", "unpatched", "failing-check", "unmeasurable-check",
            "vanished-replacement"),
        stuck("protection", "foreign-tag", exit: 0), stuck("vanished-original", exit: 3),
    ].flatMap(\.self)
}

@Suite("changeover rehearse: faults") struct RehearseFaultTests {
    @Test("Each fault is rehearsed in less than a second and ends as it must", arguments: FaultCase.all)
    func fault(expected: FaultCase) async throws {
        let arguments = ["rehearse", Ran.playbook, "--fault", expected.fault, "--seed", "7", "--output", "json"]
        let ran = try await Ran.changeover(arguments, in: Folder())
        #expect(ran.exitCode == 0, "\(ran.errors)")
        #expect(ran.processorMilliseconds < 1000)
        let document = try ran.document()
        #expect(document.state == expected.end)
        #expect(document.exitCode == expected.exitCode)
        #expect(document.finalExitCode == expected.finalExitCode)
        #expect(document.leftRunning == expected.running)
        #expect(document.instances.filter(\.isRouted).map(\.id) == expected.running)
        #expect(document.faults.map(\.name) == [expected.fault])
        #expect(document.faults.allSatisfy { $0.bites > 0 })
        #expect(document.invariantsHeld)
    }

    @Test("The list of faults has each of them with its meaning and the states in which it can be let loose")
    func list() async throws {
        let listed = try await Ran.changeover(["rehearse", "--list-faults", "--output", "json"], in: Folder())
        struct Fault: Decodable {
            var name: String
            var meaning: String
            var usualState: String
            var states: [String]
        }
        let faults = try JSONDecoder().decode([Fault].self, from: Data(listed.output.utf8))
        #expect(Set(faults.map(\.name)) == Set(FaultCase.all.map(\.fault)))
        #expect(faults.allSatisfy { $0.states.contains($0.usualState) && $0.meaning.hasSuffix(".") })
        let text = try await Ran.changeover(["rehearse", "--list-faults"], in: Folder())
        #expect(text.exitCode == 0)
        for fault in faults { #expect(text.output.contains("  \(fault.name) "), "\(fault.name)") }
    }

    @Test("After a death the text says what a script sees, and that `resume` goes on")
    func death() async throws {
        let ran = try await Ran.changeover(["rehearse", Ran.playbook, "--fault", "crash"], in: Folder())
        #expect(ran.output.contains("! crash "))
        #expect(ran.output.contains("= exit code 137"))
        #expect(ran.output.contains("$ changeover resume ID"))
        #expect(ran.output.contains("Exit code of the real run: 137 (killed by signal 9"))
        #expect(ran.output.contains("  then changeover resume ID: 0 (done: the original is held)"))
    }

    @Test("A fault can be let loose in another state, and several befall one swap")
    func states() async throws {
        let arguments = ["--fault", "failing-check@baking", "--fault", "crash@rollingBack", "--output", "json"]
        let ran = try await Ran.changeover(["rehearse", Ran.playbook] + arguments, in: Folder())
        let document = try ran.document()
        #expect(document.faults.map(\.state) == ["baking", "rollingBack"])
        #expect(document.faults.allSatisfy { $0.bites == 1 })
        #expect(document.state == "rolledBack")
        #expect(document.processes.map(\.exitCode) == [137, 2])
    }
}
