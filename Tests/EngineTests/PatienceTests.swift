import Engine
import TestSupport
import Testing
import Workflow

/// How the engine takes machines that reboot, launches of several steps, and the time that it waits.
@Suite("Patience", .timeLimit(.minutes(5)))
struct PatienceTests {
    @Test(
        "A reboot is no end, and what stays down is",
        arguments: [
            (Span.seconds(3), Span.zero, "ended: rolledBack"), (.seconds(3), .seconds(20), "held: holding"),
            (.hours(1), .seconds(20), "ended: rolledBack"),
        ])
    func reboot(_ down: Span, _ window: Span, _ label: String) async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        await bench.cloud.reboot(for: down)
        var environment = bench.environment
        environment.restartWindow = window
        #expect(try await bench.drive(environment: environment).label == label)
        #expect(try await bench.violations() == [])
    }

    @Test("A launch whose answer was lost is repeated where the provider finishes launches", arguments: [false, true])
    func launches(_ finishes: Bool) async throws {
        let bench = Bench(finishesLaunches: finishes)
        defer { bench.removeEvidence() }
        await bench.cloud.script(.lostAnswer, forAttempt: 1)
        let clean = Bench()
        defer { clean.removeEvidence() }
        try await clean.drive()
        #expect(try await bench.drive().label == "held: holding")
        #expect(await bench.cloud.attempts == (await clean.cloud.attempts) + (finishes ? 1 : 0))
        #expect(try await bench.violations() == [])
    }

    @Test("Waiting for others is told from our own time, to the pause before each last look")
    func overhead() async throws {
        var totals: [Int64] = []
        var own: [Int64] = []
        for pause in [Span.milliseconds(100), .milliseconds(400)] {
            let bench = Bench()
            defer { bench.removeEvidence() }
            var environment = bench.environment
            environment.longestPause = pause
            let watch = SwapWatch()
            let start = bench.clock.monotonicMilliseconds()
            try await bench.drive(watch: watch, environment: environment)
            let timing = try #require(await watch.timing())
            let elapsed = bench.clock.monotonicMilliseconds() - start
            // On a clock that stands still while anything runs, only pauses are left to be our own.
            #expect(timing.totalMilliseconds <= elapsed)
            #expect(timing.overheadMilliseconds > 0)
            #expect(timing.overheadMilliseconds <= 3 * pause.milliseconds)
            totals.append(timing.totalMilliseconds)
            own.append(timing.overheadMilliseconds)
        }
        #expect(own[0] < own[1])
        #expect(totals.allSatisfy { $0 > 1_300 })
    }

    @Test("The time in which a person decides is not our own")
    func approval() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let watch = SwapWatch()
        async let driving = bench.drive(DriveOptions(waitsAtCheckpoints: true), watch: watch)
        #expect(await watch.state("awaitingApproval") != nil)
        let before = bench.clock.monotonicMilliseconds()
        try await bench.clock.sleep(for: .seconds(50))
        let thought = bench.clock.monotonicMilliseconds() - before
        try await bench.post(.approve)
        #expect(try await driving.label == "held: holding")
        let timing = try #require(await watch.timing())
        #expect(timing.waitedMilliseconds >= thought)
        #expect(timing.overheadMilliseconds < 5_000)
    }
}
