internal import Workflow

/// Asks the instance's service manager for units that are not active, and for those that have failed.
struct SystemdProbe: Probe {
    static let outputLimitBytes = 256 * 1024

    var runner: any CommandRunner
    var clock: any WorkflowClock
    var check: SystemdCheck

    /// Ends a measurement that says nothing of the units.
    private struct Failure: Error {
        var reason: String
        var detail: String
    }

    func read(timeout: Span) async -> ProbeReading {
        let start = clock.monotonicMilliseconds()
        let end = start + timeout.milliseconds
        var reading: ProbeReading
        do throws(Failure) {
            let units = try await inactiveUnits(until: end)
            let failed = try await failedUnits(until: end)
            reading = self.reading(inactive: units, failed: failed)
        } catch {
            reading = ProbeReading(
                outcome: .unknown, reason: "systemd:\(error.reason)", actual: error.detail,
                expected: "an answer of systemctl")
        }
        reading.phaseMilliseconds = ["total": Double(clock.monotonicMilliseconds() - start)]
        return reading
    }

    private func reading(inactive: [(unit: String, state: String)], failed: [String]) -> ProbeReading {
        if let first = inactive.first {
            let words = inactive.map { "\($0.unit) is \($0.state)" }
            return ProbeReading(
                outcome: .critical, reason: "systemd:\(first.state)", actual: list(words), expected: "active units")
        }
        guard failed.isEmpty else {
            return ProbeReading(
                outcome: check.failed == .warn ? .warning : .critical, reason: "systemd:failed-units",
                actual: "failed: \(list(failed))", expected: "no failed unit")
        }
        let active = check.units.isEmpty ? "no unit has failed" : "active: \(list(check.units))"
        return ProbeReading(outcome: .ok, reason: "ok", actual: active, expected: "units in order")
    }

    private func inactiveUnits(until end: Int64) async throws(Failure) -> [(unit: String, state: String)] {
        guard !check.units.isEmpty else { return [] }
        let text = try await output(["show", "--property=LoadState,ActiveState", "--"] + check.units, until: end)
        let blocks = SystemctlOutput.properties(text)
        guard blocks.count == check.units.count else { throw malformed("systemctl show answers for other units") }
        var inactive: [(unit: String, state: String)] = []
        for (unit, block) in zip(check.units, blocks) {
            guard let load = block["LoadState"], let active = block["ActiveState"], !load.isEmpty, !active.isEmpty
            else {
                throw malformed("systemctl show does not tell the state of \(unit)")
            }
            let isActive = ["active", "reloading", "refreshing"].contains(active)
            if !isActive { inactive.append((unit, load == "loaded" ? active : load)) }
        }
        return inactive
    }

    /// The failed units that are not ignored.
    ///
    /// An empty list proves nothing: the manager's own count does.
    private func failedUnits(until end: Int64) async throws(Failure) -> [String] {
        guard check.failed != .allow else { return [] }
        let blocks = SystemctlOutput.properties(try await output(["show", "--property=NFailedUnits"], until: end))
        guard let count = blocks.first?["NFailedUnits"].flatMap({ UInt32($0) }) else {
            throw malformed("systemctl show does not tell the number of failed units")
        }
        guard count > 0 else { return [] }
        let list = ["list-units", "--state=failed", "--all", "--full", "--plain", "--no-legend", "--no-pager"]
        let units = SystemctlOutput.units(try await output(list, until: end))
        guard !units.isEmpty else { throw malformed("systemctl list-units names none of \(count) failed units") }
        return units.filter { !check.ignored.contains($0) }
    }

    private func malformed(_ detail: String) -> Failure {
        Failure(reason: "malformed", detail: detail)
    }

    private func output(_ arguments: [String], until end: Int64) async throws(Failure) -> String {
        let rest = end - clock.monotonicMilliseconds()
        guard rest > 0 else { throw Failure(reason: "timeout", detail: "systemctl was too slow") }
        let command = Command(
            ["systemctl"] + arguments, environment: ["LC_ALL": "C", "SYSTEMD_COLORS": "0"],
            timeout: Span(milliseconds: rest), outputLimitBytes: Self.outputLimitBytes)
        let result: CommandResult
        do throws(CommandError) {
            result = try await runner.run(command)
        } catch {
            throw Failure(reason: error.code.rawValue, detail: error.detail)
        }
        switch result.termination {
        case .exited(0) where !result.isTruncated: return result.output
        case .exited(0): throw malformed("systemctl printed more than \(Self.outputLimitBytes) bytes")
        case .exited(let code):
            let line = result.errorOutput.split(whereSeparator: \.isNewline).first ?? ""
            throw Failure(reason: "exit-\(code)", detail: "systemctl exited with \(code): \(line)")
        case .signalled(let signal): throw Failure(reason: "signal", detail: "systemctl ended by signal \(signal)")
        case .timedOut: throw Failure(reason: "timeout", detail: "systemctl was killed on timeout")
        }
    }

    private func list(_ words: [String]) -> String {
        let shown = words.prefix(5).joined(separator: ", ")
        return words.count > 5 ? "\(shown) and \(words.count - 5) more" : shown
    }
}
