import ArgumentParser
import Engine
import Foundation
import HealthChecks
import Providers
import Simulation
import Workflow

struct RehearseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Rehearses a playbook's swap on a simulated cloud and clock; touches nothing real.",
        discussion: """
            Example: changeover rehearse playbooks/web.yaml --fault lost-answer --seed 7

            The same engine as `swap` goes through the playbook's policy, routers and checks in simulated time, which \
            takes milliseconds; instances, times and answers are made up from the seed. It needs no configuration, \
            provider or network and writes nothing. It prints the timeline, how the swap ends, what would be left \
            running, and the exit code that `swap` would give. A fault is let loose in the state in which it is \
            usually met, or in the one named: --fault crash@launching. After a death the rehearsal types `resume`; \
            at a checkpoint it approves what is healthy and rolls back what could not be measured.

            Its own exit code is 0 when the rehearsal came to an end and every invariant held, whatever that end is; \
            1 when an invariant was violated, which is a bug in Changeover; 64 for wrong usage or an invalid file.

            --output json prints one document, --output jsonl each event of its "timeline" on a line and then the \
            document without it. Events have "type" and "simulatedMilliseconds"; those of type "event" have the keys \
            of `swap --output jsonl`. The document has "state", "exitCode", "finalExitCode", "instances", \
            "leftRunning", "faults", "processes" and "invariantsHeld".
            """)

    /// Where a rehearsal ends.
    enum Goal: String, ExpressibleByArgument, CaseIterable {
        /// Where `swap` is done: the original is held.
        case held
        /// After the hold, when the original is gone.
        case end
    }

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The playbook.") var playbook: String?
    @Option(name: .customLong("fault"), help: "What goes wrong: FAULT or FAULT@STATE; may be given several times.")
    var faults: [String] = []
    @Option(help: "What decides about times and all else that is left to chance; the same seed, the same rehearsal.")
    var seed: UInt64 = 1
    @Option(help: "held: to where `swap` is done; end: on through the hold until the original is terminated.")
    var until: Goal = .held
    @Flag(help: "Leaves a checkpoint unanswered, as `swap` does without a terminal.")
    var noApprove = false
    @Flag(help: "Exits with the code with which the rehearsed swap ended.")
    var exitCode = false
    @Flag(help: "Lists the faults with their meaning and the states in which they can be let loose.")
    var listFaults = false

    func perform(_ output: Output) async throws -> ExitStatus {
        if listFaults {
            if output.format == .text { FaultList.lines.forEach { output.line($0) } }
            output.document(FaultList.documents)
            return .done
        }
        guard let playbook else {
            throw CommandFailure(.usage, code: "usage", "name the playbook: changeover rehearse PLAYBOOK")
        }
        let loaded = try PlaybookLoader(folder: configurationFolder).load(playbook)
        let checks = try Self.checks(of: loaded)
        let hasTraffic = !loaded.playbook.routes.isEmpty
        let rehearsal = Rehearsal(
            playbook: loaded.playbook, checks: checks,
            faults: try faults.map { try FaultList.fault($0, hasTraffic: hasTraffic) }, seed: seed,
            approves: !noApprove, goesToEnd: until == .end)
        let report = rehearsal.report()
        let text = RehearsalText(rehearsal: rehearsal, report: report, playbook: playbook, output: output)
        let document = RehearsalDocument(rehearsal: rehearsal, report: report, playbook: playbook)
        switch output.format {
        case .text: text.write()
        case .json: output.document(document)
        case .jsonl:
            document.timeline?.forEach { output.document($0) }
            output.document(document.withoutTimeline)
        }
        if let problem = text.problem {
            output.message("changeover: \(problem)")
            return .unexpected
        }
        return exitCode ? RehearsedExit.final(of: report) : .done
    }

    /// The folder from which the paths of sockets and programs count, as they do for `swap`; nothing is read from it.
    private var configurationFolder: URL {
        let file = URL(fileURLWithPath: options.config ?? "changeover.yaml").standardizedFileURL
        return file.deletingLastPathComponent()
    }

    private static func checks(of loaded: LoadedPlaybook) throws -> [SimulatedAssessor.Check] {
        try loaded.checks.flatMap { document in
            try CheckFile.decode(document).checkIDs.map {
                SimulatedAssessor.Check($0.id, phases: Set($0.phases), isEnforced: $0.isEnforced)
            }
        }
    }
}
