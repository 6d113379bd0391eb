extension ComparisonEvidence {
    /// One test before the adjustment for the others.
    struct Trial: Sendable, Hashable {
        let measure: ComparisonFinding.Measure
        let effect: Double
        let limit: Double
        let pValue: Double
        /// The least p-value that the test could have had, given what does not depend on which side is which.
        let leastPValue: Double

        static func latency(
            _ new: OrderedSample, _ old: OrderedSample, _ shift: MannWhitneyTest, _ design: ComparisonDesign
        ) -> Trial {
            Trial(
                measure: .latency, effect: ratio(new.median, old.median), limit: design.minMedianRatio,
                pValue: shift.pValue, leastPValue: 0)
        }

        static func tail(
            _ new: OrderedSample, _ old: OrderedSample, _ boundary: Double, _ design: ComparisonDesign
        ) -> Trial {
            let table = ContingencyTable(
                firstHits: new.exceedances(of: boundary), of: new.count,
                secondHits: old.exceedances(of: boundary), of: old.count)
            let means = (new.tailMean(beyond: design.tailQuantile), old.tailMean(beyond: design.tailQuantile))
            return Trial(
                measure: .tail, effect: ratio(means.0, means.1), limit: design.minTailRatio,
                pValue: FisherExactTest(table, alternative: .greater).pValue, leastPValue: 0)
        }

        /// The test of the error counts; `nil` unless both sides were probed.
        static func errors(
            _ new: ComparisonSeries, _ old: ComparisonSeries, _ design: ComparisonDesign
        ) -> Trial? {
            guard new.attemptCount > 0, old.attemptCount > 0 else { return nil }
            let table = ContingencyTable(
                firstHits: new.errorCount, of: new.attemptCount, secondHits: old.errorCount, of: old.attemptCount)
            return Trial(
                measure: .errors, effect: new.errorRate - old.errorRate, limit: design.maxErrorIncrease,
                pValue: FisherExactTest(table, alternative: .greater).pValue,
                leastPValue: FisherExactTest(table.extreme, alternative: .greater).pValue)
        }

        /// How many times as long; 1 where neither took any time.
        private static func ratio(_ new: Double, _ old: Double) -> Double {
            if old > 0 { return new / old }
            return new > 0 ? .infinity : 1
        }
    }
}
