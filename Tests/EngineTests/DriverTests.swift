import Engine
import TestSupport
import Testing
import Workflow

@Suite("A driver on its way", .timeLimit(.minutes(5)))
struct DriverTests {
    @Test("It brings a swap to its end, each call intended before it is made (invariant 1)", arguments: Path.allCases)
    func whole(_ path: Path) async throws {
        let bench = await path.bench()
        defer { bench.removeEvidence() }
        let end = try await bench.drive(path.options)
        #expect(end.label == path.end)
        #expect(try await bench.states() == path.states)
        #expect(try await bench.violations() == [])
        #expect(try await bench.swap() == end.swap)
    }

    @Test("It returns once the original is held")
    func held() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        #expect(try await bench.drive().label == "held: holding")
        #expect(try await bench.states() == ["i-1": .stopped, "i-2": .running])
        #expect(try await bench.violations() == [])
        #expect(try await bench.drive().label == "held: holding")
        let members = try await bench.routers[0].members()
        #expect(members.filter { $0.status == .inService }.map(\.address) == ["10.0.0.2"])
    }

    @Test("A deadline that passes turns the swap back")
    func deadline() async throws {
        let deadlines = SwapPolicy.Deadlines(boot: .minutes(5))
        let bench = Bench(SampleSwap.plan(policy: SampleSwap.policy(deadlines: deadlines)))
        defer { bench.removeEvidence() }
        await bench.cloud.stickBoot()
        let end = try await bench.drive()
        #expect(end.label == "ended: rolledBack")
        guard case .rolledBack(let cause, _) = end.swap.state else { return }
        #expect(cause.kind == .deadline)
        #expect(end.swap.explanation.contains("booting took longer than its deadline: i-2 is pending."))
        #expect(try await bench.states() == ["i-1": .running, "i-2": .terminated])
    }

    @Test("Drift and obstacles refuse the swap with nothing called", arguments: 0..<6)
    func refusals(_ obstacle: Int) async throws {
        let finding = PreflightFinding(.obstacle, code: "capacity", message: "There is no room.")
        let bench = Bench(SampleSwap.plan(findings: obstacle == 0 ? [finding] : []))
        defer { bench.removeEvidence() }
        var environment = bench.environment
        switch obstacle {
        case 1: await bench.cloud.alter(SampleSwap.original.id) { $0.image = ImageID("img-2") }
        case 2: await bench.cloud.forget(SampleSwap.original.id)
        case 3: await bench.routers[0].setStatus(.draining, of: "10.0.0.1")
        case 4: await bench.cloud.setLaunchFindings([finding])
        case 5: environment.routers = [:]
        default: break
        }
        let end = try await bench.drive(environment: environment)
        #expect(end.label == "ended: refused")
        #expect(await bench.attempts() == 0)
        guard case .refused(let findings) = end.swap.state else { return }
        #expect(findings.count == 1)
    }

    @Test("A swap claims its instance and its place in the router; a lease has one holder")
    func claims() async throws {
        let bench = Bench()
        let driver = SwapDriver(environment: bench.environment) { _ in }
        _ = try await driver.create(SampleSwap.id, plan: bench.plan)
        let busy = await #expect(throws: EngineError.self) {
            try await driver.create(SwapID("s-2"), plan: bench.plan)
        }
        #expect(busy?.code == .instanceBusy)
        let held = await #expect(throws: EngineError.self) { try await driver.takeLease(of: SampleSwap.id) }
        #expect(held?.code == .leaseHeld)
        let unknown = await #expect(throws: EngineError.self) { try await driver.takeLease(of: SwapID("s-9")) }
        #expect(unknown?.code == .unknownSwap)
    }

    @Test("Evidence of a failed replacement is saved before it is retired, and is redacted")
    func evidence() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        await bench.cloud.failFirstBoot("curl said password hunter2")
        #expect(try await bench.drive().label == "ended: rolledBack")
        #expect(bench.text(of: EvidenceFile.summary).contains("first boot failed: curl said password ***"))
        #expect(bench.text(of: EvidenceFile.console).contains("login:"))
        #expect(bench.text(of: EvidenceFile.plan).contains("\"scripted\""))
        #expect(bench.text(of: EvidenceFile.originalFacts).contains("nginx"))
        #expect(!bench.text(of: EvidenceFile.originalPatchStatus).isEmpty)
        #expect(bench.text(of: EvidenceFile.transcript).contains("[first-boot]"))
        let events = bench.text(of: EvidenceFile.events)
        #expect(!events.contains("hunter2"))
        #expect(events.contains("\"retiringReplacement\""))
        let records = try await bench.records()
        let saved = records.firstIndex { $0.entry.event == .evidenceSaved(problems: []) }
        let terminated = records.firstIndex {
            $0.entry.intents.contains { $0.request == .terminate(SampleSwap.replacement.id) }
        }
        #expect(saved != nil && saved == terminated)
    }

    @Test("The summary names the failing check")
    func failingCheck() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        await bench.assessor.script(.verify, [SampleSwap.result(.fail, of: CheckID("login-page"))])
        #expect(try await bench.drive().label == "ended: rolledBack")
        #expect(bench.text(of: EvidenceFile.summary).contains("FAIL  login-page"))
        #expect(bench.text(of: EvidenceFile.assessments).contains("login-page"))
        #expect(!bench.text(of: EvidenceFile.replacementFacts).isEmpty)
    }

    @Test("What does not carry this swap's tag is not terminated; once it does, the swap goes on")
    func ownership() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        try await bench.drive()
        await bench.cloud.alter(SampleSwap.original.id) { $0.tags[OwnershipTag.swap] = "s-other" }
        try await bench.post(.retire)
        let end = try await bench.drive()
        #expect(end.label == "needs operator: needsOperator")
        #expect(try await bench.states() == ["i-1": .stopped, "i-2": .running])
        #expect(await !bench.cloud.calls.contains(.terminate(SampleSwap.original.id)))
        guard case .needsOperator(let stoppage) = end.swap.state else { return }
        #expect(stoppage.problem.contains("s-other"))
        await bench.cloud.alter(SampleSwap.original.id) { $0.tags[OwnershipTag.swap] = "s-1" }
        try await bench.post(.resume)
        #expect(try await bench.drive().label == "ended: succeeded")
        #expect(try await bench.violations() == [])
    }

    @Test("An original that the cloud has forgotten by the end of the hold does not keep the swap from ending")
    func forgotten() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        try await bench.drive()
        await bench.cloud.forget(SampleSwap.original.id)
        try await bench.post(.retire)
        #expect(try await bench.drive().label == "ended: succeeded")
    }
}
