internal import Workflow

/// Judges a patch status by a check at a moment.
///
/// Of all that is wrong the worst decides: what is critical, else what could not be told, else what is a warning; of
/// several alike the first.
struct PatchedVerdict {
    var check: PatchedCheck
    var status: PatchStatus
    var now: WallTime

    private static let gemPrefix = "gem:"

    var reading: ProbeReading {
        let findings = [pending, expiredWaivers, audit, reboot, held].compactMap(\.self) + parts.findings
        let worst = [Measurement.Outcome.critical, .unknown, .warning].lazy
            .compactMap { outcome in findings.first { $0.outcome == outcome } }.first
        if let worst { return worst }
        let notes = [waivedWords].compactMap(\.self) + parts.notes
        return ProbeReading(
            outcome: .ok, reason: "ok", actual: (["nothing left to patch"] + notes).joined(separator: "; "),
            expected: "nothing left to patch")
    }

    private var parts: PatchedParts { PatchedParts(check: check, status: status, now: now) }

    // MARK: Packages

    private var counted: [PendingUpdate] {
        var counted = status.pending.filter { check.scope == .all || $0.isSecurity }
        if check.gems, case .read(let gems) = status.gems {
            counted += gems.map { gem in
                var gem = gem
                gem.package = Self.gemPrefix + gem.package
                return gem
            }
        }
        return counted
    }

    private func isWaived(_ package: String) -> Bool { check.waivers.contains { $0.covers(package, at: now) } }

    /// The waivers that no longer count and that something would still need.
    private var missedWaivers: [PatchWaiver] {
        let needed = Set(counted.map(\.package)).union(status.held).filter { !isWaived($0) }
        return check.waivers.filter { needed.contains($0.package) }
    }

    private var pending: ProbeReading? {
        let missed = Set(missedWaivers.map(\.package))
        let pending = counted.filter { !isWaived($0.package) && !missed.contains($0.package) }
        guard !pending.isEmpty else { return nil }
        let names = pending.map { "\($0.package) \($0.candidate)" }
        let words = ["\(pending.count) pending: \(PatchedWords.list(names))"] + missedWaivers.map(words)
        return .critical("pending", words.joined(separator: "; "), "nothing left to patch")
    }

    private var expiredWaivers: ProbeReading? {
        guard !missedWaivers.isEmpty else { return nil }
        return .critical(
            "waiver-expired", PatchedWords.list(missedWaivers.map(words)),
            "nothing left to patch, or a waiver that still counts")
    }

    private func words(_ waiver: PatchWaiver) -> String {
        let update = counted.first { $0.package == waiver.package }
        let need = update.map { "\($0.package) \($0.candidate) is pending" } ?? "\(waiver.package) is held back"
        return "\(need) and its waiver expired after \(waiver.until) (\(waiver.reason))"
    }

    private var waivedWords: String? {
        let names = Set(counted.map(\.package)).union(status.held).filter(isWaived).sorted()
        return names.isEmpty ? nil : "waived: \(PatchedWords.list(names))"
    }

    private var audit: ProbeReading? {
        status.auditFindings.first.map { .critical("audit", $0, "a package manager without complaints") }
    }

    private var held: ProbeReading? {
        let missed = Set(missedWaivers.map(\.package))
        let held = status.held.filter { !isWaived($0) && !missed.contains($0) }
        guard !held.isEmpty else { return nil }
        let names = held.map { package in
            let update = status.heldUpdates?.first { $0.package == package }
            return update.map { "\(package) (\($0.candidate) is available)" } ?? package
        }
        return .critical(
            "held", "held back without a waiver: \(PatchedWords.list(names))", "no package held back without a waiver")
    }

    private var reboot: ProbeReading? {
        let expected = "no reboot pending"
        switch (check.rebootRequired, status.rebootRequired) {
        case (.allow, _), (_, false?): return nil
        case (.forbid, true?): return .critical("reboot", "a reboot is pending", expected)
        case (.warn, true?): return .warning("reboot", "a reboot is pending", expected)
        case (.forbid, nil), (.warn, nil):
            return .unknown("reboot", "the machine cannot tell whether a reboot is pending", expected)
        }
    }
}

extension ProbeReading {
    /// A critical reading of a `patched` probe.
    static func critical(_ reason: String, _ actual: String, _ expected: String) -> Self {
        Self(outcome: .critical, reason: "patched:\(reason)", actual: actual, expected: expected)
    }

    /// A warning of a `patched` probe.
    static func warning(_ reason: String, _ actual: String, _ expected: String) -> Self {
        Self(outcome: .warning, reason: "patched:\(reason)", actual: actual, expected: expected)
    }

    /// A reading of a `patched` probe that says that something cannot be told.
    static func unknown(_ reason: String, _ actual: String, _ expected: String) -> Self {
        Self(outcome: .unknown, reason: "patched:\(reason)-unknown", actual: actual, expected: expected)
    }
}

/// The wording of `patched` readings.
enum PatchedWords {
    /// The first few names, and how many more there are.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
}
