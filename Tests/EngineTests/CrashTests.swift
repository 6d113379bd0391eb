import Engine
import TestSupport
import Testing
import Workflow

@Suite("Crashes, lost answers and lost leases", .timeLimit(.minutes(5)))
struct CrashTests {
    @Test(
        "At each append the driver stops and the next one comes to the same end", arguments: Path.allCases,
        InMemoryJournal.AppendFault.allCases)
    func everyAppend(_ path: Path, fault: InMemoryJournal.AppendFault) async throws {
        let clean = await path.bench()
        defer { clean.removeEvidence() }
        try await clean.drive(path.options)
        let count = try await clean.records().count
        #expect(count > 10)
        for number in 2...count {
            let bench = await path.bench()
            defer { bench.removeEvidence() }
            await bench.journal.failAppends(from: number, fault)
            let error = await #expect(throws: EngineError.self) { try await bench.drive(path.options) }
            #expect(error?.code == .journal)
            #expect(await bench.journal.hasFailed)
            await bench.journal.heal()
            let end = try await bench.drive(path.options)
            #expect(end.label == path.end, "append \(number)")
            #expect(try await bench.states() == path.states, "append \(number)")
            #expect(try await bench.violations() == [], "append \(number)")
            #expect(try await bench.swap() == end.swap)
        }
    }

    @Test("Lost answers of the cloud never make a second instance nor another end", arguments: Path.allCases)
    func lostCloudAnswers(_ path: Path) async throws {
        let clean = await path.bench()
        defer { clean.removeEvidence() }
        try await clean.drive(path.options)
        for attempt in 1...(await clean.cloud.attempts) {
            let bench = await path.bench()
            defer { bench.removeEvidence() }
            await bench.cloud.script(.lostAnswer, forAttempt: attempt)
            #expect(try await bench.drive(path.options).label == path.end, "call \(attempt)")
            #expect(try await bench.states() == path.states, "call \(attempt)")
            #expect(try await bench.violations() == [], "call \(attempt)")
        }
    }

    @Test("Lost answers of a router change nothing", arguments: [Path.succeeds, .rollsBackAfterBake, .twoRouters])
    func lostRouterAnswers(_ path: Path) async throws {
        let clean = await path.bench()
        defer { clean.removeEvidence() }
        try await clean.drive(path.options)
        for attempt in 1...(await clean.routers[0].attempts) {
            let bench = await path.bench()
            defer { bench.removeEvidence() }
            await bench.routers[0].script(.lostAnswer, forAttempt: attempt)
            #expect(try await bench.drive(path.options).label == path.end, "change \(attempt)")
            #expect(try await bench.states() == path.states, "change \(attempt)")
            #expect(try await bench.violations() == [], "change \(attempt)")
        }
    }

    @Test("A refused call never ends in lost service", arguments: 1...6)
    func refusedChanges(_ attempt: Int) async throws {
        let bench = await Path.succeeds.bench()
        defer { bench.removeEvidence() }
        // A router that refuses once is asked again; one that refuses four times in a row means it.
        for repetition in 0...3 {
            await bench.routers[0].script(.refused(.forbidden), forAttempt: attempt + repetition)
        }
        let end = try await bench.drive(Path.succeeds.options)
        #expect(end.label == (attempt <= 3 ? "ended: rolledBack" : "ended: succeeded"))
        #expect(try await bench.violations() == [])
    }

    @Test("A launch whose answer cannot be understood is settled by looking, and the swap goes on with what it made")
    func garbledLaunch() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        await bench.cloud.script(.garbledAnswer, forAttempt: 1)
        #expect(try await bench.drive().label == "held: holding")
        #expect(try await bench.states() == ["i-1": .stopped, "i-2": .running])
        #expect(try await bench.violations() == [])
    }

    @Test("A launch that is refused outright leaves nothing to settle")
    func refusedLaunch() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        await bench.cloud.script(.refused(.capacity), forAttempt: 1)
        #expect(try await bench.drive().label == "ended: refused")
        #expect(try await bench.states() == ["i-1": .running])
        #expect(await bench.attempts() == 1)
    }

    @Test(
        "A lost lease stops the driver without a further call, and the new holder goes on",
        arguments: [
            "patching", "awaitingApproval",
        ])
    func leaseLost(_ state: String) async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let watch = SwapWatch()
        async let driving = bench.drive(DriveOptions(waitsAtCheckpoints: true), watch: watch)
        #expect(await watch.state(state) != nil)
        await bench.journal.stealLease(of: SampleSwap.id, holder: SampleSwap.holder)
        do {
            _ = try await driving
            Issue.record("the driver went on without its lease")
        } catch let error as EngineError {
            #expect(error.code == .leaseLost)
        }
        #expect(await bench.attempts() == 1)
        bench.clock.advance(by: .minutes(5))
        #expect(try await bench.drive().label == "held: holding")
        #expect(try await bench.violations() == [])
    }

    @Test("A call under way while the lease is lost is settled by the new holder")
    func leaseLostDuringCall() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let gate = Gate()
        await bench.cloud.script(.waits(gate), forAttempt: 1)
        async let driving = bench.drive()
        await gate.waitForArrival()
        await bench.journal.stealLease(of: SampleSwap.id, holder: SampleSwap.holder)
        await gate.open()
        do {
            _ = try await driving
            Issue.record("the driver went on without its lease")
        } catch let error as EngineError {
            #expect(error.code == .leaseLost)
        }
        bench.clock.advance(by: .minutes(5))
        #expect(try await bench.drive().label == "held: holding")
        #expect(try await bench.violations() == [])
    }
}
