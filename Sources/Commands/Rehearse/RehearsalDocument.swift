import Engine
import Providers
import Simulation
import Workflow

/// A rehearsal as scripts read it; new keys may be added, existing ones keep their meaning.
struct RehearsalDocument: Encodable {
    struct Instance: Encodable {
        var id: InstanceID
        var name: String
        var role: String
        var state: String
        var isRunning: Bool
        /// Whether any router sends it new requests.
        var isRouted: Bool
        var traffic: [String: String]
    }

    struct Fault: Encodable {
        var name: String
        var meaning: String
        var state: String
        var bites: Int
        var firstBiteMilliseconds: Int64?
        var firstBiteState: String?
    }

    struct Process: Encodable {
        var number: Int
        var command: String
        var startMilliseconds: Int64
        var endMilliseconds: Int64?
        var exitCode: Int32?
        var meaning: String?
    }

    var type = "rehearsal"
    var playbook: String
    var seed: UInt64
    var until: String
    var state: String
    var explanation: String
    var exitCode: Int32?
    var exitMeaning: String?
    var finalExitCode: Int32
    var invariantsHeld: Bool
    var violation: String?
    var simulatedMilliseconds: Int64
    var original: InstanceID
    var replacement: InstanceID?
    var instances: [Instance]
    var leftRunning: [InstanceID]
    var faults: [Fault]
    var processes: [Process]
    var next: [String]
    var timeline: [RehearsalEvent]?

    init(rehearsal: Rehearsal, report: RehearsalReport, playbook: String) {
        self.playbook = playbook
        seed = report.seed
        until = rehearsal.goesToEnd ? RehearseVerb.Goal.end.rawValue : RehearseVerb.Goal.held.rawValue
        state = report.swap?.state.name ?? "notBegun"
        explanation = report.swap?.explanation ?? "No swap was begun."
        let first = report.firstEnding.map { RehearsedExit($0, of: .swap) }
        (exitCode, exitMeaning) = (first?.code, first?.meaning)
        finalExitCode = RehearsedExit.final(of: report).rawValue
        invariantsHeld = report.violation == nil && !report.isBrokenOff
        violation = report.violation?.description
        simulatedMilliseconds = report.length.milliseconds
        original = rehearsal.original.id
        replacement = report.swap?.launched
        instances = report.machines.map(Instance.init)
        leftRunning = instances.filter(\.isRunning).map(\.id)
        faults = report.faults.map(Fault.init)
        let swapWords = rehearsal.swapWords(playbook)
        processes = report.runs.map { Process($0, swap: swapWords) }
        next = report.swap?.rehearsedCommands ?? []
        timeline = report.moments.map { RehearsalEvent($0, swap: swapWords) }
    }

    var withoutTimeline: RehearsalDocument {
        var document = self
        document.timeline = nil
        return document
    }
}

extension RehearsalDocument.Instance {
    init(_ machine: RehearsalReport.Machine) {
        id = machine.instance.id
        name = machine.instance.name
        role = machine.isOriginal ? "original" : "replacement"
        state = machine.instance.state.rawValue
        isRunning = machine.isRunning
        isRouted = machine.traffic.values.contains { $0 == .inService || $0 == .unhealthy }
        traffic = Dictionary(uniqueKeysWithValues: machine.traffic.map { ($0.key.rawValue, $0.value.rawValue) })
    }
}

extension RehearsalDocument.Fault {
    init(_ fault: RehearsalReport.Fault) {
        name = fault.fault.fault.rawValue
        meaning = fault.fault.fault.meaning
        state = fault.fault.state
        bites = fault.count
        firstBiteMilliseconds = fault.first?.at.milliseconds
        firstBiteState = fault.first?.state
    }
}

extension RehearsalDocument.Process {
    init(_ run: RehearsalReport.Run, swap: String) {
        number = run.number
        command = run.command.words(swap)
        startMilliseconds = run.start.milliseconds
        endMilliseconds = run.end?.at.milliseconds
        let exit = run.end.map { RehearsedExit($0.ending, of: run.command) }
        (exitCode, meaning) = (exit?.code, exit?.meaning)
    }
}

/// One event of a rehearsal's timeline as scripts read it.
struct RehearsalEvent: Encodable {
    private struct Other: Encodable {
        var type: String
        var process: Int?
        var command: String?
        var exitCode: Int32?
        var fault: String?
        var text: String?
    }

    private enum Key: String, CodingKey { case simulatedMilliseconds }

    private let simulatedMilliseconds: Int64
    private let record: EventDocument?
    private let other: Other?

    init(_ moment: RehearsalReport.Moment, swap words: String) {
        simulatedMilliseconds = moment.at.milliseconds
        if case .recorded(let record, _, let swap) = moment.kind {
            self.record = EventDocument(record, swap)
            other = nil
            return
        }
        record = nil
        other =
            switch moment.kind {
            case .recorded: nil
            case .started(let run, let command):
                Other(type: "processStarted", process: run, command: command.words(words))
            case .ended(let run, let command, let ending):
                Self.end(of: run, RehearsedExit(ending, of: command))
            case .logged(let text): Other(type: "log", text: text)
            case .fault(let fault): Other(type: "fault", fault: fault.rawValue, text: fault.meaning)
            case .answered(let command, let run): Other(type: "answer", process: run, command: command.rawValue)
            }
    }

    private static func end(of run: Int, _ exit: RehearsedExit) -> Other {
        Other(type: "processEnded", process: run, exitCode: exit.code, text: exit.meaning)
    }

    func encode(to encoder: any Encoder) throws {
        try record?.encode(to: encoder)
        try other?.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(simulatedMilliseconds, forKey: .simulatedMilliseconds)
    }
}
