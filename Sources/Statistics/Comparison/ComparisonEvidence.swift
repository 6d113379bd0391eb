/// The tests of a comparison, made on what both sides have given so far.
struct ComparisonEvidence: Sendable, Hashable {
    let design: ComparisonDesign
    let level: Double
    /// Whether the numbers can be what they are said to be; nothing is computed of those that cannot.
    let isValid: Bool
    let original: ComparisonSummary
    let replacement: ComparisonSummary
    let threshold: Double?
    let slowerProbability: Double?
    let findings: [ComparisonFinding]
    /// Whether the test of the tail could come out significant at these numbers of answers, whatever the answers were.
    let canSeeTail: Bool

    init(
        _ design: ComparisonDesign, original: ComparisonSeries, replacement: ComparisonSeries, level: Double
    ) {
        self.design = design
        self.level = level
        isValid = original.isValid && replacement.isValid
        let old = isValid ? original : ComparisonSeries()
        let new = isValid ? replacement : ComparisonSeries()
        let (oldSample, newSample) = (try? OrderedSample(old.latencies), try? OrderedSample(new.latencies))
        var trials: [Trial] = []
        var (pooledQuantile, superiority): (Double?, Double?) = (nil, nil)
        if let oldSample, let newSample {
            let shift = MannWhitneyTest(newSample, oldSample, alternative: .greater)
            let boundary = newSample.pooled(with: oldSample).quantile(design.tailQuantile)
            (pooledQuantile, superiority) = (boundary, shift.effectSize)
            trials.append(Trial.latency(newSample, oldSample, shift, design))
            trials.append(Trial.tail(newSample, oldSample, boundary, design))
        }
        let errors = Trial.errors(new, old, design)
        let errorsCanCount = errors.map { $0.leastPValue <= level / 3 } ?? false
        // The two tests of latencies belong to the family even where they could not be made: which tests there are may
        // depend on nothing but the number of errors in both samples together.
        let familySize = errorsCanCount ? 3 : 2
        if let errors { trials.append(errors) }
        findings = Self.findings(trials, familySize: familySize, level: level)
        canSeeTail = Self.canSeeTail(new.latencies.count, old.latencies.count, design, level / Double(familySize))
        threshold = pooledQuantile
        slowerProbability = superiority
        self.original = ComparisonSummary(old, oldSample, level: design.tailQuantile, threshold: pooledQuantile)
        self.replacement = ComparisonSummary(new, newSample, level: design.tailQuantile, threshold: pooledQuantile)
    }

    func report(
        _ verdict: ComparisonReport.Verdict, _ basis: ComparisonReport.Basis, _ reason: String
    ) -> ComparisonReport {
        ComparisonReport(
            verdict: verdict, basis: basis, reason: reason, level: level, original: original, replacement: replacement,
            tailThreshold: threshold, slowerProbability: slowerProbability, findings: findings)
    }

    /// Adjusts the p-values within the family; a test outside of it is never significant.
    private static func findings(_ trials: [Trial], familySize: Int, level: Double) -> [ComparisonFinding] {
        let family = trials.filter { familySize == 3 || $0.measure != .errors }
        let padding = [Double](repeating: 1, count: max(0, familySize - family.count))
        let adjusted = HolmProcedure.adjusted(family.map(\.pValue) + padding)
        let byMeasure = Dictionary(uniqueKeysWithValues: zip(family.map(\.measure), adjusted))
        return trials.map { trial in
            let adjustedPValue = byMeasure[trial.measure] ?? 1
            return ComparisonFinding(
                measure: trial.measure, effect: trial.effect, limit: trial.limit, pValue: trial.pValue,
                adjustedPValue: adjustedPValue,
                isSignificant: byMeasure[trial.measure] != nil && adjustedPValue <= level)
        }
    }

    /// Whether all values beyond the pooled quantile coming from the replacement would be significant.
    static func canSeeTail(
        _ new: Int, _ old: Int, _ design: ComparisonDesign, _ level: Double
    ) -> Bool {
        guard new > 0, old > 0 else { return false }
        let last = new + old - 1
        let beyond = last - Int(Double(last) * design.tailQuantile)
        let hits = min(beyond, new)
        let table = ContingencyTable(firstHits: hits, of: new, secondHits: beyond - hits, of: old)
        return FisherExactTest(table, alternative: .greater).pValue <= level
    }
}
