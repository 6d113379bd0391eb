/// Takes a comparison from its least to its greatest number of samples without spending more than `alpha`.
///
/// The data are looked at after the numbers of probes in `ComparisonDesign.looks` only. By the look after n probes the
/// share n / `maxSamples` of `alpha` may be spent (the linear spending function of K. K. G. Lan and D. L. DeMets,
/// "Discrete Sequential Boundaries for Clinical Trials", Biometrika 70, 1983), and each look is tested at what it adds to
/// that: the levels sum up to `alpha`, so no assumption on how the looks depend on each other is needed. A look before
/// the last can only fail the replacement; a pass has to wait for the last one, or for `conclude`, which spends what is
/// left when probing ends early. What ends it (a deadline) must not depend on which of both sides is the slower.
public struct ComparisonRun: Sendable, Hashable {
    /// What is measured, and when it fails.
    public let design: ComparisonDesign
    /// The verdict, once there is one; it never changes.
    public private(set) var report: ComparisonReport?
    /// After how many probes on each side the data were last looked at; 0 before the first look.
    public private(set) var lastLook = 0

    /// Begins a comparison.
    public init(_ design: ComparisonDesign) {
        self.design = design
    }

    /// After how many probes on each side the next look is due; `nil` once there is a verdict.
    public var nextLook: Int? {
        report == nil ? design.looks.first { $0 > lastLook } : nil
    }

    /// Looks at the data if a look is due, and returns the verdict as soon as there is one.
    public mutating func look(original: ComparisonSeries, replacement: ComparisonSeries) -> ComparisonReport? {
        let size = min(original.probeCount, replacement.probeCount)
        guard report == nil, let due = design.looks.last(where: { $0 <= size }), due > lastLook else { return report }
        let level = design.alpha * Double(due - lastLook) / Double(design.maxSamples)
        lastLook = due
        let found = ComparisonJudge(design).judge(original: original, replacement: replacement, level: level)
        if due == design.maxSamples || found.verdict == .fail { report = found }
        return report
    }

    /// Ends the comparison with what there is, and returns the verdict; the same one if there was one before.
    public mutating func conclude(original: ComparisonSeries, replacement: ComparisonSeries) -> ComparisonReport {
        if let report { return report }
        let level = design.alpha * Double(design.maxSamples - lastLook) / Double(design.maxSamples)
        let found = ComparisonJudge(design).judge(original: original, replacement: replacement, level: level)
        report = found
        return found
    }
}
