extension HealthAssessment {
    /// The verdict with its deciding results, in one sentence.
    public var summary: String {
        let enforced = results.filter(\.isEnforced)
        if enforced.isEmpty { return "no check takes part, so nothing is proven" }
        let deciding = enforced.filter { $0.verdict == verdict }
        if verdict == .pass { return enforced.count == 1 ? "1 check passed" : "all \(enforced.count) checks passed" }
        let reasons = deciding.map { "\($0.check) \($0.verdict.rawValue): \($0.reason)" }
        return ((standing.map { [$0] } ?? []) + reasons).joined(separator: "; ")
    }

    /// The same results with those of `checks` shown but not counted.
    public func ignoring(_ checks: [CheckID]) -> HealthAssessment {
        HealthAssessment(
            results: results.map { result in
                var result = result
                if checks.contains(result.check) { result.isEnforced = false }
                return result
            }, standing: standing)
    }
}
