internal import Workflow

/// Asks the instance's package manager what is left to patch.
struct PatchedProbe: Probe {
    /// Package lists take long to refresh: the shortest timeout unless the check itself says otherwise.
    static let minimumTimeout: Span = .seconds(60)

    var inspector: any PatchInspector
    var runner: any CommandRunner
    var clock: any WorkflowClock
    var check: PatchedCheck

    func read(timeout: Span) async -> ProbeReading {
        let start = clock.monotonicMilliseconds()
        var reading: ProbeReading
        do throws(PatchInspectionError) {
            let status = try await inspector.patchStatus(
                via: runner, policy: PatchPolicy(scope: check.scope, gems: check.gems), timeout: timeout)
            reading = PatchedVerdict(check: check, status: status, now: clock.wallTime()).reading
        } catch {
            reading = ProbeReading(
                outcome: .unknown, reason: "patched:\(error.code.rawValue)", actual: error.detail,
                expected: "a certain answer of the package manager")
        }
        reading.phaseMilliseconds = ["total": Double(clock.monotonicMilliseconds() - start)]
        return reading
    }
}
