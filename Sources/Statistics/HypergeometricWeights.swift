/// The hypergeometric distribution of the first sample's hits, given all sums of a table.
///
/// The weights are relative to the most likely count, which has 1; each is had from its neighbour by one multiplication,
/// so that there are no factorials to lose digits in. Counts so far out that their weight is no normal number any more
/// (below 10⁻³⁰⁷) are left out.
struct HypergeometricWeights {
    /// The count of hits that the first weight belongs to.
    private let start: Int
    private let weights: [Double]
    private let total: Double

    init(_ table: ContingencyTable) {
        let (n1, n2, hits) = (table.firstCount, table.secondCount, table.hits)
        let (lower, upper) = (max(0, hits - n2), min(hits, n1))
        let mode = min(max((hits + 1) * (n1 + 1) / (n1 + n2 + 2), lower), upper)
        var rising: [Double] = []
        var weight = 1.0
        for count in stride(from: mode, to: upper, by: 1) {
            weight *= Double(n1 - count) / Double(count + 1) * (Double(hits - count) / Double(n2 - hits + count + 1))
            guard weight >= .leastNormalMagnitude else { break }
            rising.append(weight)
        }
        var falling: [Double] = []
        weight = 1
        for count in stride(from: mode, to: lower, by: -1) {
            weight *= Double(count) / Double(n1 - count + 1) * (Double(n2 - hits + count) / Double(hits - count + 1))
            guard weight >= .leastNormalMagnitude else { break }
            falling.append(weight)
        }
        start = mode - falling.count
        weights = falling.reversed() + [1] + rising
        total = weights.reduce(0, +)
    }

    /// The probability of `hits` or more.
    func probability(atLeast hits: Int) -> Double {
        weights.dropFirst(max(0, hits - start)).reduce(0, +) / total
    }

    /// The probability of `hits` or fewer.
    func probability(atMost hits: Int) -> Double {
        weights.prefix(max(0, hits - start + 1)).reduce(0, +) / total
    }

    /// The probability of all counts that are no likelier than `hits`.
    ///
    /// Counts that are as likely on the other side differ by rounding only; a part in 10⁷ is allowed for that, as in R's
    /// `fisher.test`.
    func probability(noLikelierThan hits: Int) -> Double {
        let position = hits - start
        let limit = weights.indices.contains(position) ? weights[position] * (1 + 1e-7) : 0
        return weights.reduce(0) { $1 <= limit ? $0 + $1 : $0 } / total
    }
}
