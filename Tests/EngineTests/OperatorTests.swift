import Engine
import TestSupport
import Testing
import Workflow

@Suite("Operators and interruptions", .timeLimit(.minutes(5)))
struct OperatorTests {
    private let waiting = DriveOptions(waitsAtCheckpoints: true)

    @Test("A checkpoint returns by default and says so")
    func checkpoint() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        #expect(try await bench.drive(DriveOptions()).label == "at checkpoint: awaitingApproval")
        try await bench.post(.approve)
        #expect(try await bench.drive(DriveOptions()).label == "held: holding")
        #expect(try await bench.violations() == [])
    }

    @Test("--yes passes what only policy asks for, in its own name")
    func autoapprove() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        #expect(try await bench.drive().label == "held: holding")
        let authors = try await bench.records().compactMap { record -> String? in
            if case .operatorRequested(let request) = record.entry.event { return request.author }
            return nil
        }
        #expect(authors == ["--yes"])
    }

    @Test("--yes passes neither warnings nor doubt", arguments: [CheckResult.Verdict.warning, .inconclusive])
    func notAutoapproved(_ verdict: CheckResult.Verdict) async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        await bench.assessor.script(.verify, [SampleSwap.result(verdict)])
        #expect(try await bench.drive().label == "at checkpoint: awaitingApproval")
    }

    @Test(
        "Requests posted while a driver waits are taken up",
        arguments: [
            (OperatorCommand.approve, "held: holding"), (.rollback, "ended: rolledBack"), (.cancel, "ended: cancelled"),
        ])
    func whileWaiting(_ command: OperatorCommand, _ label: String) async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let watch = SwapWatch()
        async let driving = bench.drive(waiting, watch: watch)
        #expect(await watch.state("awaitingApproval") != nil)
        try await bench.post(command)
        #expect(try await driving.label == label)
        #expect(try await bench.journal.pendingRequests(of: SampleSwap.id) == [])
        #expect(try await bench.violations() == [])
    }

    @Test("Pause stops a swap and resume lets it go on")
    func pauseAndResume() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let watch = SwapWatch()
        async let driving = bench.drive(waiting, watch: watch)
        #expect(await watch.state("patching") != nil)
        try await bench.post(.pause)
        #expect(await watch.first { $0.pausedAt != nil } != nil)
        try await bench.post(.resume)
        #expect(await watch.first { $0.pausedAt == nil && $0.state.name == "awaitingApproval" } != nil)
        try await bench.post(.approve)
        #expect(try await driving.label == "held: holding")
    }

    @Test("A driver that need not wait returns from a pause")
    func paused() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        #expect(try await bench.drive(DriveOptions()).label == "at checkpoint: awaitingApproval")
        try await bench.post(.pause)
        #expect(try await bench.drive().label == "paused: awaitingApproval")
        try await bench.post(.resume)
        #expect(try await bench.drive().label == "held: holding")
    }

    @Test("A request that is illegal now is answered and taken, and changes nothing")
    func refused() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        try await bench.drive(DriveOptions())
        try await bench.post(.undo)
        #expect(try await bench.drive(DriveOptions()).label == "at checkpoint: awaitingApproval")
        let answer = try await bench.records().last { $0.entry.takesRequest != nil }
        #expect(answer?.entry.reasons.first?.contains("undo brings a held original back") == true)
        #expect(try await bench.journal.pendingRequests(of: SampleSwap.id) == [])
    }

    @Test(
        "Undo brings the original back, whether a driver waits for the hold or a new one comes",
        arguments: [true, false])
    func undo(_ isWatched: Bool) async throws {
        let policy = SampleSwap.policy(approval: .auto, hold: .hours(1_000_000))
        let bench = Bench(SampleSwap.plan(policy: policy))
        defer { bench.removeEvidence() }
        let label: String
        if isWatched {
            let watch = SwapWatch()
            async let driving = bench.drive(DriveOptions(waitsForHold: true), watch: watch)
            #expect(await watch.state("holding") != nil)
            try await bench.post(.undo)
            label = try await driving.label
        } else {
            try await bench.drive()
            try await bench.post(.undo)
            label = try await bench.drive().label
        }
        #expect(label == "ended: rolledBack")
        #expect(try await bench.states() == ["i-1": .running, "i-2": .terminated])
        let members = try await bench.routers[0].members()
        #expect(members.filter { $0.status == .inService }.map(\.address) == ["10.0.0.1"])
        #expect(try await bench.violations() == [])
    }

    @Test("Interrupting brings a call under way to its recorded outcome")
    func interruptedCall() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let gate = Gate()
        await bench.cloud.script(.waits(gate), forAttempt: 1)
        let driving = Task { try await bench.drive() }
        await gate.waitForArrival()
        driving.cancel()
        await gate.open()
        #expect(try await driving.value.label == "interrupted: booting")
        guard case .callSucceeded = try await bench.records().last?.entry.event else {
            Issue.record("the outcome was not recorded")
            return
        }
        #expect(try await bench.drive().label == "held: holding")
        #expect(try await bench.violations() == [])
    }

    @Test("Interrupting while a cloud is out neither hangs nor turns the swap back")
    func interruptedRetries() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let gate = Gate()
        await bench.cloud.setOutage(.unavailable)
        await bench.cloud.script(.waits(gate), forAttempt: 3)
        let driving = Task { try await bench.drive() }
        await gate.waitForArrival()
        driving.cancel()
        await gate.open()
        #expect(try await driving.value.label == "interrupted: launching")
        #expect(await bench.attempts() == 3)
        await bench.cloud.setOutage(nil)
        #expect(try await bench.drive().label == "held: holding")
        #expect(try await bench.violations() == [])
    }

    @Test(
        "Interrupting while something is awaited stops at once, and the next driver goes on",
        arguments: [
            "booting", "patching", "verifying", "baking",
        ])
    func interruptedWait(_ state: String) async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        let watch = SwapWatch()
        let driving = Task { try await bench.drive(watch: watch) }
        #expect(await watch.state(state) != nil)
        driving.cancel()
        let end = try await driving.value
        #expect(end.label.hasPrefix("interrupted") || end.label == "held: holding")
        #expect(try await bench.drive().label == "held: holding")
        #expect(try await bench.violations() == [])
    }
}
