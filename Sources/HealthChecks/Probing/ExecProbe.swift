internal import Workflow

/// Runs a command and judges how it ends.
struct ExecProbe: Probe {
    static let outputLimitBytes = 64 * 1024

    var runner: any CommandRunner
    var clock: any WorkflowClock
    var check: ExecCheck
    /// Variables that tell a command on the controller which instance is meant.
    var environment: [String: String]

    func read(timeout: Span) async -> ProbeReading {
        let start = clock.monotonicMilliseconds()
        var reading: ProbeReading
        do throws(CommandError) {
            let result = try await runner.run(
                Command(
                    check.command, environment: environment, timeout: timeout, outputLimitBytes: Self.outputLimitBytes))
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
            ProbeReading(
                outcome: outcome(of: code), reason: code == 0 ? "ok" : "exec:exit-\(code)",
                actual: words(for: code, result), expected: "exit code 0")
        }
    }

    /// 126 and 127 mean by convention that there was nothing to run, which says nothing of the service.
    private func outcome(of code: Int32) -> Measurement.Outcome {
        switch (check.interface, code) {
        case (_, 0): .ok
        case (_, 126), (_, 127): .unknown
        case (.nagios, 1): .warning
        case (.nagios, 2): .critical
        case (.nagios, _): .unknown
        case (.exitcode, _): .critical
        }
    }

    /// The exit code and the first line of output, without performance data.
    private func words(for code: Int32, _ result: CommandResult) -> String {
        let text = result.output.isEmpty ? result.errorOutput : result.output
        let line = text.split(whereSeparator: \.isNewline).first ?? ""
        let message = check.interface == .nagios ? line.prefix { $0 != "|" } : line
        return message.isEmpty ? "exit code \(code)" : "exit code \(code): \(message)"
    }
}
