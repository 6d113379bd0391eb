import Engine
import TestSupport
import Testing
import Workflow

@Suite("A driver that updates in place", .timeLimit(.minutes(5)))
struct InPlaceTests {
    private static func bench(_ change: (inout Plan) -> Void = { _ in }) -> Bench {
        var plan = Path.updatesInPlace.plan
        change(&plan)
        return Bench(plan)
    }

    @Test("It leaves the original updated, in service, and nothing behind", arguments: [true, false])
    func whole(_ takesSnapshot: Bool) async throws {
        let bench = Self.bench { $0.update?.takesSnapshot = takesSnapshot }
        defer { bench.removeEvidence() }
        let end = try await bench.drive()
        #expect(end.label == "ended: succeeded")
        #expect(await bench.cloud.boots == 2, "the update asked for one reboot")
        #expect(await bench.cloud.snapshotNames == [])
        #expect(try await bench.routers[0].members().filter { $0.status == .inService }.count == 2)
        let tags = try await bench.cloud.instances()[0].tags
        #expect(tags[OwnershipTag.swap] == nil && tags[OwnershipTag.lastSwap] == SampleSwap.id.rawValue)
        #expect(try await bench.violations() == [])
        #expect(end.swap.updateResult?.changes.map(\.package) == ["openssl"])
        #expect(bench.text(of: EvidenceFile.updatedFacts).isEmpty == false)
        let lines = try await bench.journal.logLines(of: SampleSwap.id, after: 0, limit: 1000)
        #expect(lines.filter { $0.source == "update" }.map(\.text) == ["installing", "done"])
    }

    @Test("A machine that boots in the middle of its update goes on, and logs each line once", arguments: 1...3)
    func interrupted(_ times: Int) async throws {
        let bench = Self.bench()
        defer { bench.removeEvidence() }
        await bench.updater.crash(times: times)
        #expect(try await bench.drive().label == "ended: succeeded")
        #expect(try await bench.violations() == [])
        let calls = try await bench.records().flatMap(\.entry.intents).filter {
            if case .update = $0.request { return true }
            return false
        }
        #expect(calls.count == times + 1, "each has a number of its own")
        let lines = try await bench.journal.logLines(of: SampleSwap.id, after: 0, limit: 1000)
        #expect(lines.filter { $0.source == "update" }.map(\.text) == ["installing", "done"])
    }

    @Test("An update that never gets through ends, back at the snapshot")
    func neverThrough() async throws {
        let bench = Self.bench()
        defer { bench.removeEvidence() }
        await bench.updater.crash(times: 1000)
        #expect(try await bench.drive().label == "ended: rolledBack")
        #expect(await bench.cloud.snapshotNames == [])
        #expect(try await bench.violations() == [])
    }

    @Test("Without a snapshot a failed update stops for an operator, and `resume` does the rest")
    func withoutSnapshot() async throws {
        let bench = Self.bench { $0.update?.takesSnapshot = false }
        defer { bench.removeEvidence() }
        await bench.updater.fail("dpkg failed")
        let end = try await bench.drive()
        #expect(end.label == "needs operator: needsOperator")
        #expect(end.swap.explanation.contains("dpkg --configure -a"))
        let out = try await bench.routers[0].members().filter { $0.status == .inService }
        #expect(out.map(\.address) == [ScriptedRouter.otherAddress], "it is out of rotation")
        await bench.updater.fail(nil)
        try await bench.post(.resume)
        #expect(try await bench.drive().label == "ended: succeeded")
        #expect(try await bench.violations() == [])
    }

    @Test("The last healthy member is never taken out, unless the plan allows for it", arguments: [true, false])
    func lastMember(_ mayInterrupt: Bool) async throws {
        let bench = Self.bench { $0.update?.mayInterrupt = mayInterrupt }
        defer { bench.removeEvidence() }
        await bench.routers[0].setStatus(.unhealthy, of: ScriptedRouter.otherAddress)
        let end = try await bench.drive()
        #expect(end.label == (mayInterrupt ? "ended: succeeded" : "ended: refused"))
        if !mayInterrupt { #expect(await bench.attempts() == 0) }
    }

    @Test("What the survey finds refuses the update with nothing called")
    func obstacle() async throws {
        let bench = Self.bench()
        defer { bench.removeEvidence() }
        await bench.updater.setFindings([PreflightFinding(.obstacle, code: "disk-full", message: "No room.")])
        #expect(try await bench.drive().label == "ended: refused")
        #expect(await bench.attempts() == 0)
    }

    @Test("A fallback that asks waits, also for `--yes`, and goes on when it is approved")
    func asked() async throws {
        var plan = Path.fallsBack.plan
        plan.fallback?.approval = .ask
        let bench = Bench(plan)
        defer { bench.removeEvidence() }
        await bench.cloud.setLaunchFindings([PreflightFinding(.obstacle, code: "quota", message: "No more.")])
        #expect(try await bench.drive().label == "at checkpoint: awaitingApproval")
        #expect(await bench.attempts() == 0)
        try await bench.post(.approve)
        #expect(try await bench.drive().label == "ended: succeeded")
        #expect(try await bench.states() == ["i-1": .running])
        #expect(try await bench.violations() == [])
    }

    @Test("What planning found to keep a replacement from being made does not keep the fallback from its work")
    func plannedObstacle() async throws {
        var plan = Path.fallsBack.plan
        plan.findings = [
            PreflightFinding(.obstacle, code: "quota", message: "No more."),
            PreflightFinding(.obstacle, code: "ephemeral-disk", message: "A disk.", trigger: .irreplaceable),
        ]
        let bench = Bench(plan)
        defer { bench.removeEvidence() }
        #expect(try await bench.drive().label == "ended: succeeded")
        #expect(try await bench.states() == ["i-1": .running])
        #expect(try await bench.violations() == [])
    }

    @Test("A replacement that failed its checks is no reason to update the original")
    func neverAfterChecks() async throws {
        let bench = Bench(Path.fallsBack.plan)
        defer { bench.removeEvidence() }
        await bench.assessor.script(.verify, [SampleSwap.result(.fail)])
        let end = try await bench.drive()
        #expect(end.label == "ended: rolledBack")
        #expect(await bench.updater.installations.isEmpty)
        let reasons = try await bench.records().flatMap(\.entry.reasons).joined(separator: " ")
        #expect(reasons.contains("The fallback to an update in place is not taken"))
    }
}
