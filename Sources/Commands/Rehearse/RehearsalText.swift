import Engine
import Providers
import Simulation
import Workflow

/// A rehearsal in words, for an operator.
struct RehearsalText {
    let rehearsal: Rehearsal
    let report: RehearsalReport
    let playbook: String
    let output: Output

    /// Columns of the timeline: its time and its labels.
    private static let timeWidth = 11
    private static let labelWidth = 22

    func write() {
        header()
        output.line()
        report.moments.forEach(write)
        output.line()
        ending()
    }

    /// What is wrong with Changeover itself; `nil` when all is well.
    var problem: String? {
        if let violation = report.violation {
            return "the rehearsal violated \(violation)\nThis is a bug in Changeover, not in the playbook. Please "
                + "report it with the playbook and with: \(commandLine)"
        }
        guard report.isBrokenOff else { return nil }
        return "the rehearsal was broken off in \(report.swap?.state.name ?? "the beginning") after "
            + "\(Self.time(report.length)) of simulated time, since it took too many steps; shorter times in the "
            + "playbook help"
    }

    private var commandLine: String {
        (["changeover rehearse \(playbook) --seed \(report.seed)"]
            + report.faults.map { "--fault \($0.fault.fault.rawValue)@\($0.fault.state)" }
            + (rehearsal.goesToEnd ? ["--until end"] : []) + (rehearsal.approves ? [] : ["--no-approve"]))
            .joined(separator: " ")
    }

    /// How the swap itself is begun.
    private var swapWords: String { rehearsal.swapWords(playbook) }

    // MARK: Before

    private func header() {
        output.line(
            output.coloured("Rehearsal of \(playbook) with seed \(report.seed). Nothing real is touched.", .bold))
        output.line("Real are the engine, the policy, and the names of routers and checks; all else is made up.")
        output.line()
        let policy = rehearsal.playbook.policy
        let tags = rehearsal.original.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let count = rehearsal.playbook.selection.instances.count
        row(
            "original",
            (["\(rehearsal.original.name) (\(rehearsal.original.id))"] + tags
                + (count > 1 ? ["the first of the \(count) that the playbook names"] : [])).joined(separator: ", "))
        let names = rehearsal.playbook.routes.map(\.name.rawValue)
        row("traffic", names.isEmpty ? "none: the playbook names no router" : names.joined(separator: ", "))
        rehearsal.checks.enumerated().forEach { number, check in
            row(number == 0 ? "checks" : "", check.id.rawValue + (check.isEnforced ? "" : " (shown, never decides)"))
        }
        row("approval", approval)
        row("times", "drain \(policy.drain.text), bake \(policy.bake.text), hold \(policy.hold.text)")
        for (number, fault) in report.faults.enumerated() {
            row(number == 0 ? "faults" : "", "\(fault.fault.fault.rawValue) in \(fault.fault.state)")
        }
    }

    private var approval: String {
        switch rehearsal.playbook.policy.approval {
        case .auto: "not asked for while checks pass"
        case .ask: rehearsal.approves ? "asked for; the rehearsal gives it" : "asked for; nobody answers"
        }
    }

    private func row(_ label: String, _ text: String) {
        output.line("  \(label.padded(to: 13)) \(text)")
    }

    // MARK: What happens

    private func write(_ moment: RehearsalReport.Moment) {
        switch moment.kind {
        case .started(let run, let command):
            line(moment.at, "$ \(command.words(swapWords))\(whose(run, command))", .bold)
        case .recorded(let record, let isNewState, let swap):
            let colour = Timeline.colour(of: swap.state)
            for (index, entry) in Timeline.rows(of: record, isNewState: isNewState).enumerated() {
                line(index == 0 ? moment.at : nil, entry.label, colour, entry.reason)
            }
        case .logged(let text): line(moment.at, "", .faint, "(\(text))")
        case .fault(let fault): line(moment.at, "! \(fault.rawValue)", .red, fault.meaning)
        case .answered(let command, _):
            line(moment.at, "? \(command.rawValue)", .yellow, Self.words(command))
        case .ended(let run, let command, let ending):
            let exit = RehearsedExit(ending, of: command)
            line(moment.at, "= exit code \(exit.code)", .bold, exit.meaning + whose(run, command))
        }
    }

    /// Whose process something is, where there are several.
    private func whose(_ run: Int, _ command: RehearsalReport.Command) -> String {
        if command == .rivalSwap { return "  (process \(run), of somebody else on another machine)" }
        return report.runs.count > 1 ? "  (process \(run))" : ""
    }

    private static func words(_ answer: OperatorCommand) -> String {
        answer == .rollback
            ? "Asked whether to go on, the rehearsal goes back: what was not measured is not trusted."
            : "Asked whether to go on, the rehearsal says yes."
    }

    private func line(_ time: Span?, _ label: String, _ colour: Output.Colour, _ text: String = "") {
        let time = time.map(Self.time) ?? ""
        let column = String(repeating: " ", count: max(0, Self.timeWidth - time.count)) + time
        let padded = text.isEmpty ? label : label.padded(to: Self.labelWidth) + " "
        output.line("\(output.coloured(column, .faint))  \(output.coloured(padded, colour))\(text)")
    }

    /// Simulated time as hours, minutes and seconds, such as `1:02:03.4`.
    static func time(_ span: Span) -> String {
        let tenths = max(0, span.milliseconds) / 100
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(tenths / 36_000):\(two(tenths / 600 % 60)):\(two(tenths / 10 % 60)).\(tenths % 10)"
    }

    // MARK: Afterwards

    private func ending() {
        let state = report.swap?.state
        output.line(
            output.coloured("End: \(state?.name ?? "no swap was begun")", state.map(Timeline.colour) ?? .red)
                + (report.swap.map { ". \($0.explanation)" } ?? "."))
        if case .holding? = state, !rehearsal.goesToEnd {
            output.line(
                "The hold of \(rehearsal.playbook.policy.hold.text) follows; `--until end` rehearses it, too.")
        }
        let next = report.swap?.rehearsedCommands ?? []
        if !next.isEmpty { output.line("Next could be: " + next.joined(separator: "\n               ")) }
        machines("Left running:", report.machines.filter(\.isRunning))
        machines("Not running:", report.machines.filter { !$0.isRunning })
        if !report.faults.isEmpty {
            output.line("\nFaults:")
            report.faults.forEach { row($0.fault.fault.rawValue.padded(to: 20), what($0)) }
        }
        output.line("\n\(report.violation.map { "VIOLATED: \($0)" } ?? "Every invariant held.")")
        codes()
    }

    private func machines(_ title: String, _ machines: [RehearsalReport.Machine]) {
        if machines.isEmpty && title.hasPrefix("Not") { return }
        output.line("\n\(title)\(machines.isEmpty ? " nothing" : "")")
        for machine in machines {
            let traffic = machine.traffic.sorted { $0.key < $1.key }.map { "\(Self.words($0.value)) \($0.key)" }
            let known = machine.instance.state == .terminated ? [] : traffic.isEmpty ? ["in no router"] : traffic
            row(
                machine.isOriginal ? "original" : "replacement",
                (["\(machine.instance.name) (\(machine.instance.id)) \(machine.instance.state.rawValue)"] + known)
                    .joined(separator: ", "))
        }
    }

    private static func words(_ status: TrafficMember.Status) -> String {
        switch status {
        case .inService: "in service on"
        case .unhealthy: "routed and seen unhealthy by"
        case .draining: "draining on"
        case .disabled: "out of rotation on"
        }
    }

    private func what(_ fault: RehearsalReport.Fault) -> String {
        if let first = fault.first {
            let times = fault.count == 1 ? "bit once" : "bit \(fault.count) times, first"
            return "\(times) at \(Self.time(first.at)) in \(first.state)"
        }
        guard let release = fault.releasedAt else { return "never bit: the swap did not come to \(fault.fault.state)" }
        return "let loose at \(Self.time(release)) in \(fault.fault.state), and never bit"
    }

    private func codes() {
        guard let first = report.firstEnding.map({ RehearsedExit($0, of: .swap) }) else {
            return output.line("Exit code of the real run: unknown, the rehearsal did not come to its end")
        }
        output.line(output.coloured("Exit code of the real run: \(first.code) (\(first.meaning))", .bold))
        for run in report.runs.dropFirst() {
            let exit = run.end.map { RehearsedExit($0.ending, of: run.command) }
            let words = run.command == .rivalSwap ? "the other \(swapWords)" : run.command.words(swapWords)
            output.line("  then \(words): " + (exit.map { "\($0.code) (\($0.meaning))" } ?? "unknown"))
        }
    }
}

extension Rehearsal {
    /// What begins the swap; a playbook that selects nothing has its instance named.
    func swapWords(_ path: String) -> String {
        let isSelected = !playbook.selection.instances.isEmpty || !playbook.selection.tags.isEmpty
        return "changeover swap \(isSelected ? "" : original.name + " ")--playbook \(path)"
    }
}

extension RehearsalReport.Command {
    /// What is typed; `swap` is what begins the swap.
    func words(_ swap: String) -> String {
        switch self {
        case .swap, .rivalSwap: swap
        case .resume: "changeover resume ID"
        case .resumeDue: "changeover resume --due"
        case .lever(let command): "changeover \(command.rawValue) ID"
        }
    }
}

extension RehearsalReport.Machine {
    /// Whether it costs and may serve.
    var isRunning: Bool {
        switch instance.state {
        case .pending, .running, .stopping: true
        case .stopped, .terminating, .terminated: false
        }
    }
}

extension Swap {
    /// What could be typed next, with `ID` for a swap that does not exist.
    var rehearsedCommands: [String] {
        nextCommands.map { $0.split(separator: " ").dropLast().joined(separator: " ") + " ID" }
    }
}
