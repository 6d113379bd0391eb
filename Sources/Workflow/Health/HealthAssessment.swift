/// The verdict over all checks of one phase.
public struct HealthAssessment: Sendable, Hashable, Codable {
    /// The results, one per check, in the order of the files.
    public var results: [CheckResult]
    /// How the instance stands according to its provider, in words, where that explains a verdict: it does not run.
    public var standing: String?

    /// Creates an assessment.
    public init(results: [CheckResult], standing: String? = nil) {
        self.results = results
        self.standing = standing
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
