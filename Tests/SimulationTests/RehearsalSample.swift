import Engine
import Providers
import Simulation
import Workflow

extension Rehearsal {
    /// A rehearsal with every argument but those that a test is about.
    static func sample(
        selection: Playbook.Selection = Playbook.Selection(tags: ["role": "web"]),
        routes: [TrafficRoute] = [.haproxy(HAProxyRoute(socket: "haproxy.sock", backend: "web", port: 80))],
        checks: [SimulatedAssessor.Check] = [SimulatedAssessor.Check(CheckID("web/health"))],
        approval: SwapPolicy.Approval = .auto, deadlines: SwapPolicy.Deadlines = SwapPolicy.Deadlines(),
        faults: [RehearsedFault] = [], seed: UInt64 = 3, approves: Bool = true, goesToEnd: Bool = false
    ) -> Rehearsal {
        let policy = SwapPolicy(approval: approval, bake: .seconds(30), deadlines: deadlines)
        return Rehearsal(
            playbook: Playbook(name: "sample", selection: selection, routes: routes, policy: policy), checks: checks,
            faults: faults, seed: seed, approves: approves, goesToEnd: goesToEnd)
    }
}

extension RehearsalReport {
    var records: [JournalRecord] {
        moments.compactMap { if case .recorded(let record, _, _) = $0.kind { record } else { nil } }
    }

    var answers: [OperatorCommand] {
        moments.compactMap { if case .answered(let command, _) = $0.kind { command } else { nil } }
    }

    /// Everything that was observable, so that two reports can be compared.
    var fingerprint: String {
        let machines = machines.map { "\($0.instance.id) \($0.instance.state)" }.joined(separator: ", ")
        let events = moments.map { moment in
            switch moment.kind {
            case .recorded(let record, _, _): "\(moment.at.milliseconds) \(record.sequence) \(record.entry.reasons)"
            case .started(let run, let command): "\(moment.at.milliseconds) \(run) \(command)"
            case .logged(let text): "\(moment.at.milliseconds) \(text)"
            case .fault(let fault): "\(moment.at.milliseconds) \(fault.rawValue)"
            case .answered(let command, let run): "\(moment.at.milliseconds) \(run) \(command.rawValue)"
            case .ended(let run, _, _): "\(moment.at.milliseconds) \(run) ends"
            }
        }
        return machines + "\n" + events.joined(separator: "\n")
    }
}

extension Swap {
    /// Whether nothing happens to it without somebody's doing.
    var isAtRest: Bool {
        switch state {
        case .needsOperator: true
        case .holding(let hold): hold.confirmation == nil
        default: state.isFinal
        }
    }
}
