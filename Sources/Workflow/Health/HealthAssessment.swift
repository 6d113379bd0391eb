/// The verdict over all checks of one phase.
public struct HealthAssessment: Sendable, Hashable, Codable {
    /// The results, one per check, in the order of the files.
    public var results: [CheckResult]

    /// Creates an assessment.
    public init(results: [CheckResult]) {
        self.results = results
    }

    /// The verdict over all enforced checks: any fail, else any inconclusive, else any warning, else pass.
    ///
    /// Without a single enforced check it is inconclusive: zero checks never pass.
    public var verdict: CheckResult.Verdict {
        let enforced = results.filter(\.isEnforced).map(\.verdict)
        if enforced.isEmpty { return .inconclusive }
        if enforced.contains(.fail) { return .fail }
        if enforced.contains(.inconclusive) { return .inconclusive }
        return enforced.contains(.warning) ? .warning : .pass
    }
}
