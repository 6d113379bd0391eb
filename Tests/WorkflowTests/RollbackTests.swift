import TestSupport
import Testing
import Workflow

@Suite("Going back")
struct RollbackTests {
    /// The number of steps in promoting over two routers.
    private static let promotionSteps = 12
    /// The number of steps in stopping the original behind two routers.
    private static let stoppingSteps = 5

    private static let twoRouters = SampleSwap.plan(routes: [SampleSwap.web, SampleSwap.api])

    private static func script(in state: String, stepsDone: Int) -> SwapScript {
        var script = SwapScript(twoRouters)
        script.run(until: state)
        for _ in 0..<stepsDone { script.step() }
        return script
    }

    private static func requests(_ script: SwapScript, after count: Int) -> [CallRequest] {
        script.intents.dropFirst(count).map(\.request)
    }

    private static func expectSafe(_ script: SwapScript, restoring before: Int) {
        #expect(Traffic.problems(in: script) == [])
        #expect(script.swap.state.name == "rolledBack")
        let requests = requests(script, after: before)
        #expect(requests.last == .terminate(SampleSwap.replacement.id))
        let lastRestore = requests.lastIndex { isTraffic($0, .restore) } ?? -1
        let firstDrain = requests.firstIndex { isTraffic($0, .drain) } ?? requests.count
        #expect(lastRestore < firstDrain)
        for request in requests { #expect(isCompensating(request), "\(request.summary)") }
    }

    private static func isTraffic(_ request: CallRequest, _ action: TrafficChange.Action) -> Bool {
        if case .traffic(_, let change) = request { return change.action == action }
        return false
    }

    /// Whether a call only takes back what the swap did.
    private static func isCompensating(_ request: CallRequest) -> Bool {
        switch request {
        case .launch, .stop, .snapshot, .update, .reboot, .restore, .deleteSnapshot: false
        case .start(let id): id == SampleSwap.original.id
        case .tag(let id, let changes): id == SampleSwap.original.id && changes.allSatisfy { $0.value == nil }
        case .terminate(let id): id == SampleSwap.replacement.id
        case .traffic(_, let change):
            switch change.action {
            case .register: false
            case .restore: change.instance == SampleSwap.original.id
            case .drain, .remove: change.instance == SampleSwap.replacement.id
            }
        }
    }

    @Test("From each step of promoting, on request and on failure", arguments: 0..<promotionSteps, [true, false])
    func promoting(_ done: Int, isFailure: Bool) {
        var script = Self.script(in: "promoting", stepsDone: done)
        #expect(script.swap.state.name == "promoting")
        let begun = script.intents.compactMap { call -> TrafficChange? in
            if case .traffic(_, let change) = call.request { return change }
            return nil
        }
        let before = script.intents.count
        if isFailure { script.fail() } else { script.operate(.rollback) }
        script.runToEnd()
        Self.expectSafe(script, restoring: before)
        let back = Self.requests(script, after: before)
        let registered = begun.count { $0.action == .register }
        let drained = begun.count { $0.action == .drain }
        #expect(back.count { Self.isTraffic($0, .restore) } == drained)
        #expect(back.count { Self.isTraffic($0, .drain) } == registered)
        #expect(back.count { Self.isTraffic($0, .remove) } == registered)
        #expect(!back.contains(.start(SampleSwap.original.id)))
    }

    @Test(
        "An address that may have moved already is given back, whatever became of the call that moves it",
        arguments: [0, 1])
    func elasticAddress(_ done: Int) {
        let route = TrafficRoute.elasticAddress(ElasticAddressRoute(address: "eipalloc-1"))
        var script = SwapScript(SampleSwap.plan(routes: [route]))
        script.run(until: "promoting")
        for _ in 0..<done { script.step() }
        let before = script.intents.count
        script.fail()
        script.runToEnd()
        #expect(script.swap.state.name == "rolledBack")
        let back = Self.requests(script, after: before)
        let change = TrafficChange(.restore, instance: SampleSwap.original.id, address: SampleSwap.original.address)
        #expect(back.first == .traffic(route.name, change))
    }

    @Test("Promoting has the steps that these tests count on")
    func stepCounts() {
        let promoting = Self.script(in: "promoting", stepsDone: Self.promotionSteps)
        #expect(promoting.swap.state.name == "baking")
        #expect(Self.script(in: "stoppingOriginal", stepsDone: Self.stoppingSteps).swap.state.name == "holding")
    }

    @Test("From each step of stopping the original", arguments: 0..<stoppingSteps, [true, false])
    func stopping(_ done: Int, isFailure: Bool) {
        var script = Self.script(in: "stoppingOriginal", stepsDone: done)
        let before = script.intents.count
        let mayBeStopped = script.intents.contains { $0.request == .stop(SampleSwap.original.id) }
        if isFailure { script.fail() } else { script.operate(.rollback) }
        script.runToEnd()
        Self.expectSafe(script, restoring: before)
        let back = Self.requests(script, after: before)
        #expect(back.contains(.start(SampleSwap.original.id)) == mayBeStopped)
        #expect(back.count { Self.isTraffic($0, .restore) } == 2)
    }

    @Test("Undo brings the held original back, untagged and in service, before the replacement leaves")
    func undo() {
        var script = Self.script(in: "holding", stepsDone: 0)
        let before = script.intents.count
        script.operate(.undo)
        script.runToEnd()
        Self.expectSafe(script, restoring: before)
        #expect(Self.requests(script, after: before).first == .start(SampleSwap.original.id))
        let cleared = [TagChange(OwnershipTag.swap, nil), TagChange(OwnershipTag.role, nil)]
        #expect(Self.requests(script, after: before).contains(.tag(SampleSwap.original.id, cleared)))
        let looks = script.records.contains { record in
            if case .assessed(let assessment, _) = record.entry.event { return assessment.phase == .rollback }
            return false
        }
        #expect(looks)
    }

    @Test("An original that was stopped is checked before the replacement goes, even where no router is")
    func undoWithoutRouters() {
        var script = SwapScript(SampleSwap.plan(routes: []))
        script.run(until: "holding")
        script.operate(.undo)
        script.run(untilEffect: { if case .assess = $0 { true } else { false } })
        script.fail("it does not answer")
        #expect(script.swap.state.name == "needsOperator")
        #expect(!script.intents.contains { $0.request == .terminate(SampleSwap.replacement.id) })
    }

    @Test("After cancel only compensating calls are made (invariant 14)", arguments: Situation.allCases)
    func cancel(_ situation: Situation) {
        var script = situation.script
        guard script.swap.refusal(of: .cancel) == nil else { return }
        let before = script.intents.count
        script.operate(.cancel)
        script.runToEnd()
        #expect(script.swap.state.name == "cancelled")
        #expect(Traffic.problems(in: script) == [])
        for request in Self.requests(script, after: before) {
            #expect(Self.isCompensating(request), "\(situation): \(request.summary)")
        }
        #expect(script.swap.effects.isEmpty)
    }

    @Test(
        "A rollback that stopped half-way goes on where it was, whatever the operator calls it",
        arguments: [
            OperatorCommand.resume, .rollback, .cancel,
        ])
    func stoppedRollback(_ command: OperatorCommand) {
        var index = 0
        while true {
            var script = Self.script(in: "holding", stepsDone: 0)
            script.operate(.undo)
            for _ in 0..<index { script.step() }
            guard script.swap.state.name == "rollingBack" else { break }
            script.fail()
            #expect(script.swap.state.name == "needsOperator")
            script.operate(command)
            #expect(script.swap.state.name == "rollingBack")
            script.runToEnd()
            #expect(script.swap.state.name == (command == .cancel ? "cancelled" : "rolledBack"))
            #expect(Traffic.problems(in: script) == [], "step \(index)")
            #expect(script.swap.state.replacement == nil)
            index += 1
        }
        #expect(index > 10)
    }

    @Test(
        "An uncertain launch is settled before the swap says that nothing is left",
        arguments: [
            OperatorCommand.resume, .rollback, .cancel,
        ])
    func stoppedSettling(_ command: OperatorCommand) {
        var script = Situation.settlingLaunch.script
        script.fail()
        script.operate(command)
        script.runToEnd()
        #expect(script.intents.map(\.request).last == .terminate(SampleSwap.replacement.id))
        #expect(script.swap.state.isFinal)
    }

    @Test("A kept replacement is retired after all when an operator goes back or cancels")
    func keptThenCancelled() {
        var script = SwapScript(SampleSwap.plan(policy: SampleSwap.policy(onFailure: .keep)))
        script.run(until: "verifying")
        script.fail()
        script.step()
        script.fail()
        script.operate(.cancel)
        script.runToEnd()
        #expect(script.swap.state == .cancelled(remaining: ["i-1 (original, serving)"]))
        #expect(script.intents.map(\.request).last == .terminate(SampleSwap.replacement.id))
    }

    @Test("A check that failed on the original before is no evidence against it afterwards")
    func excusedOnTheWayBack() {
        var script = SwapScript(SampleSwap.plan(policy: SampleSwap.policy(approval: .auto)))
        script.step()
        script.feed(.preflightCompleted(PreflightReport(findings: [], baseline: SampleSwap.result(.fail))))
        script.run(until: "baking")
        script.operate(.rollback)
        script.run(untilEffect: { if case .assess = $0 { true } else { false } })
        script.fail()
        #expect(script.swap.state.name == "retiringReplacement")
    }
}
