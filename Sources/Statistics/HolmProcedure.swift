/// Holm's procedure: several tests at once, the probability of any false alarm among them at most the level.
///
/// It holds whatever the tests' dependence, and rejects whatever Bonferroni's does. Source: S. Holm, "A Simple Sequentially
/// Rejective Multiple Test Procedure" (Scandinavian Journal of Statistics 6, 1979).
public enum HolmProcedure {
    /// The adjusted p-values, in the order given: a test is significant where its own is at most the level of the family.
    public static func adjusted(_ pValues: [Double]) -> [Double] {
        var adjusted = pValues
        var greatest = 0.0
        let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
        for (rank, index) in order.enumerated() {
            greatest = max(greatest, min(1, Double(pValues.count - rank) * pValues[index]))
            adjusted[index] = greatest
        }
        return adjusted
    }
}
