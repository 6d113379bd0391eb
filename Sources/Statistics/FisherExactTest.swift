/// Fisher's exact test of whether something happens more often in one of two samples than in the other.
///
/// The p-values are those of SciPy's `fisher_exact`; the two-sided one adds up all tables that are no likelier than the one
/// observed. Source: R. A. Fisher, "The Design of Experiments" (1935). Time and memory grow with the standard deviation of
/// a count: less than 100,000 steps for counts of a million.
public struct FisherExactTest: Sendable, Hashable {
    /// The probability, 0 to 1, of so uneven a table or a more uneven one if both samples are of one distribution; 1 where
    /// a row or a column is empty.
    public let pValue: Double

    /// Compares the first sample of `table` with its second; `greater` means more hits in the first.
    public init(_ table: ContingencyTable, alternative: Alternative) {
        let weights = HypergeometricWeights(table)
        switch alternative {
        case .twoSided: pValue = min(1, weights.probability(noLikelierThan: table.firstHits))
        case .greater: pValue = min(1, weights.probability(atLeast: table.firstHits))
        case .less: pValue = min(1, weights.probability(atMost: table.firstHits))
        }
    }
}
