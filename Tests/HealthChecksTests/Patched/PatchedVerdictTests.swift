import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite struct PatchedVerdictTests {
    /// Shown as `critical patched:held`.
    private func verdict(_ check: PatchedCheck, _ status: PatchStatus) -> ProbeReading {
        PatchedVerdict(check: check, status: status, now: ManualClock().wallTime()).reading
    }

    private func words(_ check: PatchedCheck, _ status: PatchStatus) -> String {
        let reading = verdict(check, status)
        return "\(reading.outcome.rawValue) \(reading.reason)"
    }

    private func update(_ package: String) -> PendingUpdate {
        PendingUpdate(package: package, installed: "1", candidate: "2", isSecurity: false)
    }

    /// 2027-01-15 in the manual clock.
    private func waiver(_ package: String, _ until: String) throws -> PatchWaiver {
        PatchWaiver(package: package, until: try #require(CalendarDay(text: until)), reason: "ticket 42")
    }

    @Test func expiredWaiversNameThemselves() throws {
        var check = PatchedCheck()
        check.waivers = [try waiver("old", "2027-01-14"), try waiver("lib", "2027-01-15")]
        let reading = verdict(check, .clean { $0.pending = [update("old")] })
        #expect(reading.outcome == .critical && reading.reason == "patched:waiver-expired")
        #expect(reading.actual == "old 2 is pending and its waiver expired after 2027-01-14 (ticket 42)")
        let both = verdict(check, .clean { $0.pending = [update("old"), update("new"), update("lib")] })
        #expect(both.reason == "patched:pending" && both.actual.contains("1 pending: new 2"))
        #expect(both.actual.contains("expired after 2027-01-14"))
        let held = verdict(check, .clean { $0.held = ["old", "lib"] })
        #expect(held.reason == "patched:waiver-expired" && held.actual.hasPrefix("old is held back and its waiver"))
        // Nothing needs the expired waiver any more.
        #expect(verdict(check, .clean { $0.pending = [update("lib")] }).actual == "nothing left to patch; waived: lib")
    }

    @Test func aWaiverThatWasProlongedCounts() throws {
        var check = PatchedCheck()
        check.waivers = [try waiver("old", "2027-01-14"), try waiver("old", "2027-02-01")]
        #expect(words(check, .clean { $0.pending = [update("old")] }) == "ok ok")
    }

    @Test func aHeldPackageNeedsAWaiver() throws {
        let status = PatchStatus.clean {
            $0.held = ["lab-tools", "zsh"]
            $0.heldUpdates = [update("lab-tools")]
        }
        let reading = verdict(PatchedCheck(), status)
        #expect(reading.outcome == .critical && reading.reason == "patched:held")
        #expect(reading.actual == "held back without a waiver: lab-tools (2 is available), zsh")
        var check = PatchedCheck()
        check.waivers = [try waiver("lab-tools", "2027-01-15"), try waiver("zsh", "2027-01-15")]
        #expect(words(check, status) == "ok ok")
    }

    @Test func failedUnits() {
        func words(_ part: PatchPart<[String]>?, _ rule: PatchedCheck.Rule) -> String {
            var check = PatchedCheck()
            check.failedUnits = rule
            return self.words(check, .clean { $0.failedUnits = part })
        }
        let failed = PatchPart.read(value: ["a.service"])
        #expect(words(failed, .forbid) == "critical patched:failed-units")
        #expect(words(failed, .warn) == "warning patched:failed-units")
        #expect(words(failed, .allow) == "ok ok")
        #expect(words(.read(value: []), .forbid) == "ok ok")
        #expect(words(.notApplicable(reason: "tini runs the machine"), .forbid) == "ok ok")
        for rule in [PatchedCheck.Rule.forbid, .warn] {
            #expect(words(.unreadable(reason: "x"), rule) == "unknown patched:failed-units-unknown")
            #expect(words(nil, rule) == "unknown patched:failed-units-unknown")
        }
        #expect(words(.unreadable(reason: "x"), .allow) == "ok ok")
        #expect(words(nil, .allow) == "ok ok")
    }

    static let cloudInits: [(rule: PatchedCheck.CloudInitRule, expected: [String])] = [
        (.done, ["ok", "warning", "critical", "critical", "ok", "ok", "unknown", "unknown"]),
        (.required, ["ok", "warning", "critical", "critical", "critical", "critical", "unknown", "unknown"]),
        (.warning, ["ok", "warning", "warning", "warning", "ok", "ok", "unknown", "unknown"]),
        (.allow, ["ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"]),
    ]

    @Test(arguments: cloudInits) func cloudInit(_ example: (rule: PatchedCheck.CloudInitRule, expected: [String])) {
        var check = PatchedCheck()
        check.cloudInit = example.rule
        let parts: [PatchPart<CloudInitResult>?] = [
            .read(value: CloudInitResult(state: .done)),
            .read(value: CloudInitResult(state: .done, warnings: ["old key"])),
            .read(value: CloudInitResult(state: .done, errors: ["no disk"])),
            .read(value: CloudInitResult(state: .running)), .read(value: CloudInitResult(state: .disabled)),
            .notApplicable(reason: "it is not installed"), .unreadable(reason: "x"), nil,
        ]
        let outcomes = parts.map { part in verdict(check, .clean { $0.cloudInit = part }).outcome.rawValue }
        #expect(outcomes == example.expected)
    }

    @Test func staleServices() {
        var check = PatchedCheck()
        let status = PatchStatus.clean { $0.staleServices = .read(value: ["nginx.service"]) }
        #expect(words(check, status) == "warning patched:stale-services")
        #expect(verdict(check, status).actual == "to be restarted: nginx.service")
        check.staleServices = .forbid
        #expect(words(check, status) == "critical patched:stale-services")
        let unreadable = PatchStatus.clean { $0.staleServices = .unreadable(reason: "x") }
        #expect(words(check, unreadable) == "unknown patched:stale-services-unknown")
        check.staleServices = .allow
        #expect(words(check, status) == "ok ok" && words(check, unreadable) == "ok ok")
    }

    @Test func gemsCountWhereTheyAreAskedFor() throws {
        var check = PatchedCheck(scope: .security)
        let outdated = PatchStatus.clean { $0.gems = .read(value: [update("rake")]) }
        #expect(words(check, outdated) == "ok ok")
        #expect(words(check, .clean { $0.gems = nil }) == "ok ok")
        check.gems = true
        #expect(verdict(check, outdated).actual == "1 pending: gem:rake 2")
        #expect(words(check, .clean { $0.gems = .read(value: []) }) == "ok ok")
        #expect(words(check, .clean { $0.gems = .unreadable(reason: "no gem") }) == "unknown patched:gems-unknown")
        #expect(words(check, .clean { $0.gems = nil }) == "unknown patched:gems-unknown")
        // The package of that name is another thing.
        check.waivers = [try waiver("rake", "2027-01-15")]
        #expect(words(check, outdated) == "critical patched:pending")
        check.waivers = [try waiver("gem:rake", "2027-01-15")]
        #expect(words(check, outdated) == "ok ok")
    }

    @Test func endOfLife() {
        var check = PatchedCheck()
        func status(_ end: String?) -> PatchStatus {
            .clean { $0.release = MachineRelease(name: "Debian 10", supportEnds: end) }
        }
        #expect(words(check, status("2027-01-15")) == "ok ok")
        let ended = verdict(check, status("2027-01-14"))
        #expect(ended.outcome == .warning && ended.reason == "patched:end-of-life")
        #expect(ended.actual.contains("Debian 10 has had no updates since 2027-01-14"))
        let unknown = verdict(check, status(nil))
        #expect(unknown.outcome == .ok && unknown.actual.contains("how long Debian 10 gets updates is not known"))
        #expect(verdict(check, .clean { $0.release = nil }).actual.contains("is not known"))
        check.endOfLife = .forbid
        #expect(words(check, status("2027-01-14")) == "critical patched:end-of-life")
        #expect(words(check, status(nil)) == "unknown patched:end-of-life-unknown")
        #expect(words(check, status("soon")) == "unknown patched:end-of-life-unknown")
        check.endOfLife = .allow
        #expect(words(check, status("2027-01-14")) == "ok ok")
    }

    @Test func theWorstDecides() {
        let mixed = PatchStatus.clean {
            $0.rebootRequired = nil
            $0.staleServices = .read(value: ["a.service"])
            $0.failedUnits = .read(value: ["b.service"])
        }
        #expect(words(PatchedCheck(), mixed) == "critical patched:failed-units")
        var check = PatchedCheck()
        check.failedUnits = .allow
        #expect(words(check, mixed) == "unknown patched:reboot-unknown")
        check.rebootRequired = .allow
        #expect(words(check, mixed) == "warning patched:stale-services")
    }

    @Test func anInspectorThatSaysNothingOfServicesDoesNotPass() {
        let silent = PatchStatus(pending: [], rebootRequired: false)
        #expect(words(PatchedCheck(), silent) == "unknown patched:failed-units-unknown")
    }
}

extension PatchStatus {
    /// A machine on which all is well and was read, changed as said.
    static func clean(_ change: (inout PatchStatus) -> Void = { _ in }) -> PatchStatus {
        var status = PatchStatus(pending: [], rebootRequired: false)
        status.failedUnits = .read(value: [])
        status.staleServices = .read(value: [])
        status.cloudInit = .read(value: CloudInitResult(state: .done))
        status.release = MachineRelease(name: "Debian 12", supportEnds: "2099-01-01")
        change(&status)
        return status
    }
}
