import Documents
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// Assertions about plugins' performance data, over the real decoder and the real probe.
@Suite struct PerformanceAssertionTests {
    static let cases: [(output: String, code: Int32, reading: String)] = [
        ("LOAD OK | load1=4.9;;;0", 0, "ok ok"),
        ("LOAD OK | 'load1'=4.9", 0, "ok ok"),
        ("LOAD OK\nmore | load1=4", 0, "ok ok"),
        ("LOAD OK | load1=6;;;0", 0, "warning assertion:0"),
        ("LOAD OK | load1=11;;;0", 0, "critical assertion:0"),
        ("LOAD OK | load1=U", 0, "critical assertion:0"),
        ("LOAD OK | load1=", 0, "critical assertion:0"),
        ("LOAD OK | load1=1,5", 0, "critical assertion:0"),
        ("LOAD OK | load1=1 load1=2", 0, "critical assertion:0"),
        ("LOAD OK | load15=1", 0, "critical assertion:0"),
        ("LOAD OK | LOAD1=1", 0, "critical assertion:0"),
        ("LOAD OK | load1=1 000", 0, "critical assertion:0"),
        ("LOAD OK", 0, "critical assertion:0"),
        ("LOAD WARNING | load1=4", 1, "warning exec:exit-1"),
        ("LOAD WARNING | load1=6", 1, "warning exec:exit-1"),
        ("LOAD WARNING | load1=11", 1, "critical assertion:0"),
        ("LOAD CRITICAL | load1=4", 2, "critical exec:exit-2"),
        ("LOAD UNKNOWN | load1=11", 3, "unknown exec:exit-3"),
        ("", 0, "unknown exec:no-output"),
        (" \n", 0, "unknown exec:no-output"),
        ("", 2, "unknown exec:no-output"),
    ]

    @Test(arguments: cases) func reading(_ example: (output: String, code: Int32, reading: String)) async throws {
        let reading = try await read(example.output, example.code)
        #expect("\(reading.outcome) \(reading.reason)" == example.reading)
        #expect(!reading.actual.isEmpty && !reading.expected.isEmpty)
    }

    @Test func words() async throws {
        let reading = try await read("LOAD OK | load1=11s;;;0", 0)
        #expect(reading.actual == "load1 is 11s" && reading.expected == "load1 in ~:10")
        #expect(try await read("LOAD OK", 0).actual == "load1 is missing")
    }

    @Test func pluginsWriteNumbersWithPoints() async throws {
        let runner = ScriptedRunner()
        _ = try await read(runner)
        #expect(runner.commands.with { $0.first?.environment } == ["LC_ALL": "C"])
    }

    @Test(arguments: [
        ("exec: {command: [x]}, assert: [{perfdata: {warning: \"1\"}}]", "4:60 missing-key"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: a}}]", "4:60 missing-key"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: \" \", warning: \"1\"}}]", "4:68 invalid"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: a, warning: \"1s\"}}]", "4:80 invalid"),
        ("exec: {command: [x]}, assert: [{status: 200}]", "4:50 invalid"),
        ("exec: {command: [x]}, assert: [{duration: {quantile: 0.9, warning: \"~:1s\"}}]", "4:50 invalid"),
        (
            "exec: {command: [x], interface: exitcode}, assert: [{perfdata: {label: a, warning: \"1\"}}]",
            "4:81 conflicting-keys"
        ),
        ("tcp: {port: 1}, assert: [{perfdata: {label: a, warning: \"1\"}}]", "4:44 invalid"),
    ]) func wrong(_ example: (check: String, place: String)) {
        let line = "checks: [{id: a, \(example.check)}]\n"
        let errors = CheckFile.lint(text: CheckFileTests.header + line, path: "web.yaml")
        #expect(errors.map { "\($0.line):\($0.column) \($0.code.rawValue)" } == [example.place])
    }

    private func read(_ output: String, _ code: Int32) async throws -> ProbeReading {
        let result = CommandResult(termination: .exited(code), output: output, errorOutput: "")
        return try await read(ScriptedRunner(answer: .success(result)))
    }

    private func read(_ runner: ScriptedRunner) async throws -> ProbeReading {
        let check = try ProbeFormatTests.check(
            "exec: {command: [check_load]}, assert: [{perfdata: {label: load1, warning: \"~:5\", critical: \"~:10\"}}]")
        guard case .exec(let exec) = check.kind else {
            throw CommandError(.notFound, detail: "no exec check")
        }
        return await ExecProbe(
            runner: runner, clock: ManualClock(), check: exec, environment: [:], assertions: check.assertions
        ).read(timeout: .seconds(5))
    }
}
