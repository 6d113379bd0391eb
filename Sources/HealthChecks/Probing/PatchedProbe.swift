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
                via: runner, policy: PatchPolicy(scope: check.scope), timeout: timeout)
            reading = self.reading(of: status, at: clock.wallTime())
        } catch {
            reading = ProbeReading(
                outcome: .unknown, reason: "patched:\(error.code.rawValue)", actual: error.detail,
                expected: "a certain answer of the package manager")
        }
        reading.phaseMilliseconds = ["total": Double(clock.monotonicMilliseconds() - start)]
        return reading
    }

    /// The first that applies: pending updates, a broken package state, a reboot, held packages.
    func reading(of status: PatchStatus, at now: WallTime) -> ProbeReading {
        let waived = { (package: String) in check.waivers.contains { $0.covers(package, at: now) } }
        let counted = status.pending.filter { check.scope == .all || $0.isSecurity }
        let pending = counted.filter { !waived($0.package) }
        if !pending.isEmpty { return critical("pending", pendingWords(pending, at: now), "nothing left to patch") }
        if let finding = status.auditFindings.first {
            return critical("audit", finding, "a package manager without complaints")
        }
        if let reading = reboot(status.rebootRequired) { return reading }
        let held = status.held.filter { !waived($0) }
        if !held.isEmpty {
            return ProbeReading(
                outcome: .warning, reason: "patched:held", actual: "held back: \(list(held))",
                expected: "no package held back")
        }
        let waivedCount = counted.count
        let actual = waivedCount == 0 ? "nothing left to patch" : "nothing left to patch but \(waivedCount) waived"
        return ProbeReading(outcome: .ok, reason: "ok", actual: actual, expected: "nothing left to patch")
    }

    /// What a pending reboot, or not knowing of one, means; `nil` when it does not decide.
    private func reboot(_ isRequired: Bool?) -> ProbeReading? {
        let expected = "no reboot pending"
        switch (check.rebootRequired, isRequired) {
        case (.allow, _), (_, false?): return nil
        case (.forbid, true?): return critical("reboot", "a reboot is pending", expected)
        case (.warn, true?):
            return ProbeReading(
                outcome: .warning, reason: "patched:reboot", actual: "a reboot is pending", expected: expected)
        case (.forbid, nil), (.warn, nil):
            return ProbeReading(
                outcome: .unknown, reason: "patched:reboot-unknown",
                actual: "the machine cannot tell whether a reboot is pending", expected: expected)
        }
    }

    private func pendingWords(_ pending: [PendingUpdate], at now: WallTime) -> String {
        let names = pending.map { "\($0.package) \($0.candidate)" }
        let expired = check.waivers.filter { waiver in
            now >= waiver.until.end && pending.contains { $0.package == waiver.package }
        }
        let note = expired.map { "; the waiver for \($0.package) expired after \($0.until)" }.joined()
        return "\(pending.count) pending: \(list(names))\(note)"
    }

    private func list(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }

    private func critical(_ reason: String, _ actual: String, _ expected: String) -> ProbeReading {
        ProbeReading(outcome: .critical, reason: "patched:\(reason)", actual: actual, expected: expected)
    }
}
