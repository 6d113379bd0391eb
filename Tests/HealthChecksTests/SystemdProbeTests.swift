import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// A service manager that answers each kind of question with a fixed text.
struct ScriptedSystemd: CommandRunner {
    let commands = Guarded<[[String]]>([])
    var units = ""
    var failedCount = "NFailedUnits=0\n"
    var failed = ""
    var exitCode: Int32 = 0
    var isTruncated = false

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        commands.with { $0.append(command.arguments) }
        let isList = command.arguments.contains("list-units")
        let output = isList ? failed : command.arguments.contains("--property=NFailedUnits") ? failedCount : units
        return CommandResult(
            termination: .exited(exitCode), output: output, errorOutput: "System has not been booted with systemd\n",
            isTruncated: isTruncated)
    }
}

@Suite struct SystemdProbeTests {
    static func block(_ load: String, _ active: String) -> String { "LoadState=\(load)\nActiveState=\(active)\n" }

    /// Each state of two units with the reading.
    static let states: [(text: String, reading: String)] = [
        (block("loaded", "active") + "\n" + block("loaded", "active"), "ok ok"),
        (block("loaded", "reloading") + "\n" + block("loaded", "active"), "ok ok"),
        (block("loaded", "active") + "\n" + block("loaded", "inactive"), "critical systemd:inactive"),
        (block("loaded", "failed") + "\n" + block("loaded", "inactive"), "critical systemd:failed"),
        (block("loaded", "activating") + "\n" + block("loaded", "active"), "critical systemd:activating"),
        (block("not-found", "inactive") + "\n" + block("loaded", "active"), "critical systemd:not-found"),
        (block("masked", "inactive") + "\n" + block("loaded", "active"), "critical systemd:masked"),
        (block("loaded", "active"), "unknown systemd:malformed"),
        (block("loaded", "active") + "\n" + block("loaded", ""), "unknown systemd:malformed"),
        ("LoadState=loaded\n\nActiveState=active\n", "unknown systemd:malformed"),
        ("", "unknown systemd:malformed"),
    ]

    @Test(arguments: states) func units(_ example: (text: String, reading: String)) async {
        let runner = ScriptedSystemd(units: example.text)
        let reading = await read(runner, SystemdCheck(units: ["a.service", "b.service"]))
        #expect("\(reading.outcome.rawValue) \(reading.reason)" == example.reading)
        let asked = ["systemctl", "show", "--property=LoadState,ActiveState", "--", "a.service", "b.service"]
        #expect(runner.commands.with { $0.first } == asked)
    }

    @Test func failedUnits() async {
        let list = """
            apt-daily.service loaded failed failed Daily apt download activities
            ● x.mount         loaded failed failed /x

            """
        let runner = ScriptedSystemd(failedCount: "NFailedUnits=2\n", failed: list)
        let reading = await read(runner, SystemdCheck(units: []))
        #expect(reading.outcome == .critical && reading.reason == "systemd:failed-units")
        #expect(reading.actual == "failed: apt-daily.service, x.mount")
        #expect(await read(runner, SystemdCheck(units: [], failed: .warn)).outcome == .warning)
        let allowed = SystemdCheck(units: [], ignored: ["apt-daily.service", "x.mount"])
        #expect(await read(runner, allowed).outcome == .ok)
        #expect(await read(runner, SystemdCheck(units: [], ignored: ["x.mount"])).outcome == .critical)
        #expect(await read(ScriptedSystemd(), SystemdCheck(units: [])).outcome == .ok)
    }

    @Test func silenceProvesNothing() async {
        let silent = ScriptedSystemd(failedCount: "")
        #expect(await read(silent, SystemdCheck(units: [])).reason == "systemd:malformed")
        let strange = ScriptedSystemd(failedCount: "NFailedUnits=\n")
        #expect(await read(strange, SystemdCheck(units: [])).reason == "systemd:malformed")
        let nameless = ScriptedSystemd(failedCount: "NFailedUnits=1\n")
        #expect(await read(nameless, SystemdCheck(units: [])).reason == "systemd:malformed")
        let noSystemd = ScriptedSystemd(exitCode: 1)
        let reading = await read(noSystemd, SystemdCheck(units: []))
        #expect(reading.outcome == .unknown && reading.reason == "systemd:exit-1")
        #expect(reading.actual.contains("not been booted"))
        #expect(await read(ScriptedSystemd(isTruncated: true), SystemdCheck(units: [])).outcome == .unknown)
        let unreachable = await read(ScriptedRunner(), SystemdCheck(units: []))
        #expect(unreachable.outcome == .unknown && unreachable.reason == "systemd:unreachable")
        let killed = CommandResult(termination: .timedOut, output: "NFailedUnits=0\n", errorOutput: "")
        let slow = await read(ScriptedRunner(answer: .success(killed)), SystemdCheck(units: []))
        #expect(slow.outcome == .unknown && slow.reason == "systemd:timeout")
    }

    private func read(_ runner: any CommandRunner, _ check: SystemdCheck) async -> ProbeReading {
        await SystemdProbe(runner: runner, clock: ManualClock(), check: check).read(timeout: .seconds(5))
    }
}
