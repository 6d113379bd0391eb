internal import Workflow

/// Runs a command and judges how it ends.
struct ExecProbe: Probe {
    static let outputLimitBytes = 64 * 1024

    var runner: any CommandRunner
    var clock: any WorkflowClock
    var check: ExecCheck
    /// Variables that tell a command on the controller which instance is meant.
    var environment: [String: String]
    /// What must hold of a plugin's performance data.
    var assertions: [Assertion] = []

    func read(timeout: Span) async -> ProbeReading {
        let start = clock.monotonicMilliseconds()
        var reading: ProbeReading
        do throws(CommandError) {
            let result = try await runner.run(
                Command(
                    check.command, environment: variables, timeout: timeout, outputLimitBytes: Self.outputLimitBytes))
            reading = self.reading(of: result)
        } catch {
            reading = ProbeReading(
                outcome: .unknown, reason: "exec:\(error.code.rawValue)", actual: error.detail,
                expected: "a command that runs")
        }
        reading.phaseMilliseconds = ["total": Double(clock.monotonicMilliseconds() - start)]
        return reading
    }

    private func reading(of result: CommandResult) -> ProbeReading {
        switch result.termination {
        case .timedOut:
            ProbeReading(
                outcome: .unknown, reason: "exec:timeout", actual: "killed on timeout", expected: "an exit code")
        case .signalled(let signal):
            ProbeReading(
                outcome: .unknown, reason: "exec:signal", actual: "ended by signal \(signal)", expected: "an exit code")
        case .exited(let code):
            switch check.interface {
            case .exitcode:
                ProbeReading(
                    outcome: outcome(of: code), reason: code == 0 ? "ok" : "exec:exit-\(code)",
                    actual: words(for: code, result.output, result), expected: "exit code 0")
            case .nagios: plugin(code, result)
            }
        }
    }

    /// The worse of what the exit code and the assertions say; assertions only where the plugin itself sees nothing
    /// worse than a warning.
    private func plugin(_ code: Int32, _ result: CommandResult) -> ProbeReading {
        let output = PluginOutput(result.output, isTruncated: result.isTruncated)
        let reading = ProbeReading(
            outcome: output.outcome(exitCode: code),
            reason: output.isEmpty ? "exec:no-output" : code == 0 ? "ok" : "exec:exit-\(code)",
            actual: words(for: code, output.summary, result), expected: "exit code 0 and a line of output")
        guard [.ok, .warning].contains(reading.outcome) else { return reading }
        let findings = assertions.map { assertion in
            switch assertion {
            case .performance(let rule): output.finding(of: rule)
            default: Finding.judge(false, actual: "a plugin's output", expected: assertion.word)
            }
        }
        guard let index = Finding.worstIndex(findings), findings[index].outcome == .critical || reading.outcome == .ok
        else { return reading }
        return ProbeReading(
            outcome: findings[index].outcome, reason: "assertion:\(index)", actual: findings[index].actual,
            expected: findings[index].expected)
    }

    /// Plugins write numbers as the language of their environment does, and a comma is no part of performance data.
    private var variables: [String: String] {
        check.interface == .nagios ? environment.merging(["LC_ALL": "C"]) { own, _ in own } : environment
    }

    /// 126 and 127 mean by convention that there was nothing to run, which says nothing of the service.
    private func outcome(of code: Int32) -> Measurement.Outcome {
        switch code {
        case 0: .ok
        case 126, 127: .unknown
        default: .critical
        }
    }

    /// The exit code and the first line of `text`, or of standard error where that is empty.
    private func words(for code: Int32, _ text: String, _ result: CommandResult) -> String {
        let line = (text.isEmpty ? result.errorOutput : text).split(whereSeparator: \.isNewline).first ?? ""
        return line.isEmpty ? "exit code \(code)" : "exit code \(code): \(line)"
    }
}
