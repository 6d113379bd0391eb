internal import Documents
internal import Workflow

/// Measures the members of a group at the same time and combines what they find.
struct GroupProbe: Probe {
    struct Member: Sendable {
        var id: String
        var probe: any Probe
    }

    /// How much of each member's finding is shown, in characters.
    static let maximumShownCharacters = 80

    var rule: CheckGroup.Rule
    var members: [Member]
    var clock: any WorkflowClock
    /// Takes the group's own secrets out before texts are cut.
    var redactor = Redactor()

    func read(timeout: Span) async -> ProbeReading {
        let start = clock.monotonicMilliseconds()
        let readings = await withTaskGroup(of: (Int, ProbeReading).self) { group in
            for (index, member) in members.enumerated() {
                group.addTask { (index, await member.probe.read(timeout: timeout)) }
            }
            var readings: [(Int, ProbeReading)] = []
            for await reading in group { readings.append(reading) }
            return readings.sorted { $0.0 < $1.0 }.map(\.1)
        }
        var reading = Self.combined(zip(members, readings).map { (id: $0.id, reading: $1) }, by: rule, redactor)
        reading.phaseMilliseconds["total"] = Double(clock.monotonicMilliseconds() - start)
        return reading
    }

    /// What the readings of members, measured together, add up to.
    ///
    /// Three-valued logic, with a warning as a lesser good: `all` is critical as soon as one member is, and unknown
    /// before it is good; `any` is good as soon as one member is, and unknown before it is critical. So what we could
    /// not measure decides only where it could change the result. No members are critical.
    static func combined(
        _ readings: [(id: String, reading: ProbeReading)], by rule: CheckGroup.Rule, _ redactor: Redactor = Redactor()
    ) -> ProbeReading {
        let order: [Measurement.Outcome] =
            switch rule {
            case .all: [.critical, .unknown, .warning, .ok]
            case .any: [.ok, .warning, .unknown, .critical]
            }
        let deciding = order.lazy.compactMap { outcome in readings.first { $0.reading.outcome == outcome } }.first
        guard let (id, decided) = deciding else {
            return ProbeReading(
                outcome: .critical, reason: "group:empty", actual: "no member", expected: "at least one member")
        }
        let words = readings.map { "\($0.id) \($0.reading.outcome.rawValue): \(shown($0.reading, redactor))" }
        var phases: [String: Double] = [:]
        for (id, reading) in readings { phases["member.\(id)"] = reading.phaseMilliseconds["total"] }
        return ProbeReading(
            outcome: decided.outcome, reason: decided.outcome == .ok ? "ok" : "member:\(id):\(decided.reason)",
            actual: words.joined(separator: "; "), expected: "\(id): \(decided.expected)", phaseMilliseconds: phases)
    }

    private static func shown(_ reading: ProbeReading, _ redactor: Redactor) -> String {
        let text = reading.outcome == .ok ? reading.actual : "\(reading.reason), \(reading.actual)"
        return String(redactor.redact(text).prefix(maximumShownCharacters))
    }
}
