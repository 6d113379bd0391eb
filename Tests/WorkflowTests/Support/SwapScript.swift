import TestSupport
import Workflow

/// Drives a swap through `decide` alone, keeps its journal, and writes a transcript for people.
struct SwapScript {
    private(set) var swap: Swap
    private(set) var records: [JournalRecord] = []
    private(set) var decisions: [SwapDecision] = []
    private(set) var transcript = ""
    private(set) var time = SampleSwap.start

    init(_ plan: Plan = SampleSwap.plan()) {
        let creation = SwapCreation(id: SampleSwap.id, plan: plan, planHash: "0123456789abcdef0123")
        swap = Swap(creation, at: time)
        let entry = JournalEntry(
            at: time, event: .created(creation), intents: [], reasons: ["The plan is recorded."], summary: swap.summary)
        records.append(JournalRecord(sequence: 1, epoch: 1, entry: entry))
    }

    /// The calls that were ever intended, in order.
    var intents: [Call] { records.flatMap(\.entry.intents) }

    /// The present effect that is no timer.
    var effect: SwapEffect? {
        swap.effects.first { effect in
            if case .timer = effect { return false }
            return true
        }
    }

    /// Lets time pass and hands the swap an event.
    @discardableResult
    mutating func feed(_ event: SwapEvent, after span: Span = .seconds(1)) -> SwapDecision {
        time = time + span
        let decision = swap.decide(event, at: time)
        record(event, decision)
        if decision.isAccepted { swap = decision.swap }
        return decision
    }

    private mutating func record(_ event: SwapEvent, _ decision: SwapDecision) {
        decisions.append(decision)
        transcript += Transcript.text(event, decision, at: time)
        guard decision.isAccepted else { return }
        let entry = JournalEntry(
            at: time, event: event, intents: decision.intents, reasons: decision.reasons,
            summary: decision.swap.summary)
        records.append(JournalRecord(sequence: records.count + 1, epoch: 1, entry: entry))
    }

    @discardableResult
    mutating func operate(_ command: OperatorCommand, after span: Span = .seconds(1)) -> SwapDecision {
        feed(.operatorRequested(OperatorRequest(command: command, author: "alice")), after: span)
    }

    /// Lets the present effect end well, or takes the swap up when nobody has yet.
    @discardableResult
    mutating func step(after span: Span = .seconds(1)) -> SwapDecision? {
        guard let event = success() else { return nil }
        return feed(event, after: span)
    }

    /// Lets the present effect fail.
    @discardableResult
    mutating func fail(_ reason: String = "scripted", isUncertain: Bool = false) -> SwapDecision? {
        switch effect {
        case .perform(let call):
            let failure = CallFailure(code: "forbidden", detail: reason, isUncertain: isUncertain)
            return feed(.callFailed(number: call.number, failure: failure))
        case .observe(let observation): return feed(.observationFailed(observation, reason: reason))
        case .assess(let assessment): return feed(.assessed(assessment, result: SampleSwap.result(.fail)))
        case .preflight:
            let finding = PreflightFinding(.obstacle, code: "capacity", message: "There is no capacity.")
            return feed(.preflightCompleted(PreflightReport(findings: [finding], baseline: nil)))
        case .saveEvidence, .timer, nil: return nil
        }
    }

    /// Fires a timer of the present state when it is due.
    @discardableResult
    mutating func fire(_ matches: (SwapTimer) -> Bool) -> SwapDecision? {
        for case .timer(let timer) in swap.effects where matches(timer) {
            return feed(.timerFired(timer), after: timer.at.since(time))
        }
        return nil
    }

    /// Goes on until the state has this name; stops after 100 steps or when nothing is under way.
    mutating func run(until name: String) {
        for _ in 0..<100 where swap.state.name != name {
            if swap.state.name == "awaitingApproval" { operate(.promote) } else if step() == nil { return }
        }
    }

    /// Goes on until nothing is under way any more.
    mutating func runToEnd() {
        for _ in 0..<100 where step() == nil { return }
    }

    /// Goes on until the present effect is of a kind.
    mutating func run(untilEffect matches: (SwapEffect) -> Bool) {
        for _ in 0..<100 {
            if let effect, matches(effect) { return }
            if swap.state.name == "awaitingApproval" { operate(.promote) } else if step() == nil { return }
        }
    }

    /// The event by which the present effect ends well.
    func success() -> SwapEvent? {
        switch effect {
        case .preflight: .preflightCompleted(SampleSwap.clearPreflight)
        case .perform(let call):
            if case .launch = call.request {
                .callSucceeded(number: call.number, outcome: .launched(Self.pending))
            } else {
                .callSucceeded(number: call.number, outcome: .done)
            }
        case .observe(.updateEnded(_, let token)): .updateEnded(token, Self.updateResult)
        case .observe(let observation): .observed(observation, instance: Self.seen(by: observation))
        case .assess(let assessment): .assessed(assessment, result: SampleSwap.result(.pass))
        case .saveEvidence: .evidenceSaved(problems: [])
        case .timer, nil: swap.state == .planned ? .driven(by: SampleSwap.holder) : nil
        }
    }

    /// What an update of the original does that asks for a reboot.
    static let updateResult = UpdateResult(
        changes: [UpdateResult.Change(package: "openssl", before: "3.0.1", after: "3.0.2")], rebootRequired: true,
        bootID: "boot-1")

    private static var pending: Instance {
        var instance = SampleSwap.replacement
        instance.state = .pending
        return instance
    }

    private static func seen(by observation: Observation) -> Instance? {
        switch observation {
        case .running(let id), .fullyPatched(let id), .rebooted(let id, _):
            id == SampleSwap.original.id ? SampleSwap.original : SampleSwap.replacement
        case .launchSettled: SampleSwap.replacement
        case .stopped, .terminated, .firstBootFinished, .updateEnded, .inService, .drained, .outOfRotation: nil
        }
    }
}
