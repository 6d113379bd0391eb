internal import Workflow

/// Judges the parts of a patch status that lie beyond packages: services, cloud-init, gems, the release's age.
///
/// A part that was asked for and could not be read is unknown; one that the machine provably does not have is only
/// mentioned.
struct PatchedParts {
    var findings: [ProbeReading] = []
    /// What a passing reading shall mention.
    var notes: [String] = []

    init(check: PatchedCheck, status: PatchStatus, now: WallTime) {
        add(
            status.failedUnits, by: check.failedUnits, reason: "failed-units", noun: "failed units",
            expected: "no failed unit", silence: "nobody asked for failed units"
        ) { $0.isEmpty ? nil : "failed: \(PatchedWords.list($0))" }
        addCloudInit(status.cloudInit, by: check.cloudInit)
        add(
            status.staleServices, by: check.staleServices, reason: "stale-services", noun: "services to restart",
            expected: "no service that runs what updates have replaced", silence: "nobody asked for services to restart"
        ) { $0.isEmpty ? nil : "to be restarted: \(PatchedWords.list($0))" }
        if check.gems {
            // Pending gems count among the packages.
            add(
                status.gems, by: .forbid, reason: "gems", noun: "gems", expected: "no pending gem",
                silence: "nobody asked for gems"
            ) { _ in nil }
        }
        addRelease(status.release, by: check.endOfLife, now: now)
    }

    private mutating func add<Value>(
        _ part: PatchPart<Value>?, by rule: PatchedCheck.Rule, reason: String, noun: String, expected: String,
        silence: String, problem: (Value) -> String?
    ) {
        guard rule != .allow else { return }
        switch part {
        case .read(let value):
            guard let problem = problem(value) else { return }
            findings.append(
                rule == .forbid ? .critical(reason, problem, expected) : .warning(reason, problem, expected))
        case .notApplicable(let why): notes.append("no \(noun): \(why)")
        case .unreadable(let why): findings.append(.unknown(reason, "\(noun) cannot be told: \(why)", expected))
        case nil: findings.append(.unknown(reason, "\(noun) cannot be told: \(silence)", expected))
        }
    }

    private mutating func addCloudInit(
        _ part: PatchPart<CloudInitResult>?, by rule: PatchedCheck.CloudInitRule
    ) {
        guard rule != .allow else { return }
        let expected = "cloud-init done without errors"
        let isWarning = rule == .warning
        func add(_ problem: String) {
            findings.append(
                isWarning ? .warning("cloud-init", problem, expected) : .critical("cloud-init", problem, expected))
        }
        switch part {
        case .read(let result):
            if let error = result.errors.first { return add("cloud-init failed: \(error)") }
            switch result.state {
            case .running: add("cloud-init has not ended")
            case .disabled where rule == .required: add("cloud-init is switched off")
            case .disabled: notes.append("cloud-init is switched off")
            case .done:
                guard let warning = result.warnings.first else { return }
                findings.append(.warning("cloud-init", "cloud-init is done, but: \(warning)", expected))
            }
        case .notApplicable(let why) where rule == .required: add("no cloud-init: \(why)")
        case .notApplicable(let why): notes.append("no cloud-init: \(why)")
        case .unreadable(let why):
            findings.append(.unknown("cloud-init", "cloud-init's result cannot be told: \(why)", expected))
        case nil:
            findings.append(.unknown("cloud-init", "cloud-init's result cannot be told: nobody asked", expected))
        }
    }

    private mutating func addRelease(_ release: MachineRelease?, by rule: PatchedCheck.Rule, now: WallTime) {
        guard rule != .allow else { return }
        let expected = "a release that still gets updates"
        let name = release.map { $0.name.isEmpty ? "the release" : $0.name } ?? "the release"
        guard let text = release?.supportEnds, let day = CalendarDay(text: text) else {
            let words = "how long \(name) gets updates is not known"
            guard rule == .forbid else { return notes.append(words) }
            findings.append(.unknown("end-of-life", words, expected))
            return
        }
        guard now >= day.end else { return }
        let words =
            "\(name) has had no updates since \(day): that nothing is pending does not mean that nothing is missing"
        findings.append(
            rule == .forbid ? .critical("end-of-life", words, expected) : .warning("end-of-life", words, expected))
    }
}
