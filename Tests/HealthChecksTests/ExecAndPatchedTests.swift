import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite struct ExecAndPatchedTests {
    static let codes: [(interface: ExecCheck.Interface, code: Int, outcome: Measurement.Outcome)] = [
        (.nagios, 0, .ok), (.nagios, 1, .warning), (.nagios, 2, .critical), (.nagios, 3, .unknown),
        (.nagios, 4, .unknown), (.nagios, 127, .unknown), (.exitcode, 0, .ok), (.exitcode, 1, .critical),
        (.exitcode, 3, .critical), (.exitcode, 126, .unknown), (.exitcode, 127, .unknown),
    ]

    @Test(arguments: codes) func realProcess(
        _ example: (interface: ExecCheck.Interface, code: Int, outcome: Measurement.Outcome)
    ) async {
        let script = "echo \"DISK state=$CHANGEOVER_ADDRESS | used=1%\"; exit \(example.code)"
        let reading = await exec(ProcessRunner(), example.interface, ["/bin/sh", "-c", script])
        #expect(reading.outcome == example.outcome)
        #expect(reading.actual.hasPrefix("exit code \(example.code): DISK state=10.0.0.9"))
        #expect(reading.actual.contains("used") == (example.interface == .exitcode))
        #expect(reading.reason == (example.code == 0 ? "ok" : "exec:exit-\(example.code)"))
    }

    @Test func commandsThatDoNotEndByThemselves() async {
        let killed = await exec(ProcessRunner(), .exitcode, ["/bin/sh", "-c", "kill -9 $$"])
        #expect(killed.outcome == .unknown)
        #expect(killed.reason == "exec:signal")
        let missing = await exec(ProcessRunner(), .nagios, ["/nonexistent/check"])
        #expect(missing.outcome == .unknown)
        #expect(missing.reason == "exec:notFound")
        let late = ScriptedRunner(answer: .success(.init(termination: .timedOut, output: "OK", errorOutput: "")))
        #expect(await exec(late, .nagios, ["x"]).reason == "exec:timeout")
    }

    private func exec(
        _ runner: any CommandRunner, _ interface: ExecCheck.Interface, _ command: [String]
    ) async -> ProbeReading {
        let check = ExecCheck(place: .controller, interface: interface, command: command)
        let environment = ["CHANGEOVER_ADDRESS": "10.0.0.9"]
        return await ExecProbe(runner: runner, clock: ManualClock(), check: check, environment: environment)
            .read(timeout: .seconds(5))
    }

    /// 2027-01-15 in the manual clock.
    static let statuses: [(status: PatchStatus, rule: PatchedCheck.Rule, reason: String)] = [
        (status(), .forbid, "ok ok"),
        (status(["foo"]), .forbid, "critical patched:pending"),
        (status(["waived"]), .forbid, "ok ok"),
        (status(["expired"]), .forbid, "critical patched:waiver-expired"),
        (status(["waived", "foo"]), .forbid, "critical patched:pending"),
        (status(audit: ["broken"]), .forbid, "critical patched:audit"),
        (status(reboot: true), .forbid, "critical patched:reboot"),
        (status(reboot: true), .warn, "warning patched:reboot"),
        (status(reboot: true), .allow, "ok ok"),
        (status(reboot: nil), .forbid, "unknown patched:reboot-unknown"),
        (status(reboot: nil), .warn, "unknown patched:reboot-unknown"),
        (status(reboot: nil), .allow, "ok ok"),
        (status(held: ["bar"]), .forbid, "critical patched:held"),
        (status(held: ["waived"]), .forbid, "ok ok"),
    ]

    private static func status(
        _ pending: [String] = [], held: [String] = [], audit: [String] = [], reboot: Bool? = false
    ) -> PatchStatus {
        let updates = pending.map { PendingUpdate(package: $0, installed: "1", candidate: "2", isSecurity: false) }
        return .clean { status in
            (status.pending, status.held) = (updates, held)
            (status.auditFindings, status.rebootRequired) = (audit, reboot)
        }
    }

    @Test(arguments: statuses) func patched(
        _ example: (status: PatchStatus, rule: PatchedCheck.Rule, reason: String)
    ) async throws {
        let waivers = [
            PatchWaiver(package: "waived", until: try #require(CalendarDay(text: "2027-01-15")), reason: "r"),
            PatchWaiver(package: "expired", until: try #require(CalendarDay(text: "2027-01-14")), reason: "r"),
        ]
        let check = PatchedCheck(scope: .all, rebootRequired: example.rule, waivers: waivers)
        let inspector = ScriptedInspector(answer: .success(example.status))
        let reading = await PatchedProbe(
            inspector: inspector, runner: ScriptedRunner(), clock: ManualClock(), check: check
        ).read(timeout: .seconds(60))
        #expect("\(reading.outcome.rawValue) \(reading.reason)" == example.reason)
    }

    @Test func uncertainInspectionIsUnknown() async {
        let inspector = ScriptedInspector(answer: .failure(.init(.repositoryUnavailable, detail: "mirror down")))
        let check = PatchedCheck(scope: .security, rebootRequired: .allow, waivers: [])
        let reading = await PatchedProbe(
            inspector: inspector, runner: ScriptedRunner(), clock: ManualClock(), check: check
        ).read(timeout: .seconds(60))
        #expect(reading.outcome == .unknown)
        #expect(reading.reason == "patched:repositoryUnavailable")
    }
}
