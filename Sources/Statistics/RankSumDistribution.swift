/// The exact distribution of a rank sum when every choice of `drawn` of the ranked values is as likely: the permutation
/// distribution, given the values and their ties.
///
/// Without ties it is the distribution of Mann and Whitney, "On a Test of Whether one of Two Random Variables is
/// Stochastically Larger than the Other" (Annals of Mathematical Statistics 18, 1947). Counted group by group: a group of
/// c equal values gives t of them in c-choose-t ways. Only sums of positive numbers occur, so nothing cancels.
struct RankSumDistribution {
    /// The number of choices with each doubled rank sum, as floating point numbers; the index is the sum.
    private let ways: [Double]
    private let total: Double

    init(groups: [PooledRanks.Group], drawn: Int) {
        let greatest = groups.last?.doubledRank ?? 0
        let width = drawn * greatest + 1
        var table = [Double](repeating: 0, count: (drawn + 1) * width)
        table[0] = 1
        var (seen, previousRank) = (0, 0)
        for group in groups {
            let binomials = Self.binomials(of: group.count, upTo: drawn)
            for row in stride(from: min(drawn, seen + group.count), through: 1, by: -1) {
                // Rows below are still those without this group.
                for taken in 1...min(group.count, row) where row - taken <= seen {
                    let source = (row - taken) * width
                    let target = row * width + taken * group.doubledRank
                    Self.add(
                        &table, from: source, to: target, count: (row - taken) * previousRank + 1,
                        times: binomials[taken])
                }
            }
            seen += group.count
            previousRank = group.doubledRank
        }
        ways = Array(table[(drawn * width)...])
        total = ways.reduce(0, +)
    }

    /// The probability of a doubled rank sum of `sum` or more.
    func probability(atLeast sum: Int) -> Double {
        ways.dropFirst(max(0, sum)).reduce(0, +) / total
    }

    /// The probability of a doubled rank sum of `sum` or less.
    func probability(atMost sum: Int) -> Double {
        ways.prefix(max(0, sum + 1)).reduce(0, +) / total
    }

    private static func add(
        _ table: inout [Double], from source: Int, to target: Int, count: Int, times factor: Double
    ) {
        table.withUnsafeMutableBufferPointer { cells in
            for offset in 0..<count where cells[source + offset] != 0 {
                cells[target + offset] += factor * cells[source + offset]
            }
        }
    }

    /// `count` choose 0, 1, … up to `limit` or `count`.
    private static func binomials(of count: Int, upTo limit: Int) -> [Double] {
        var values = [1.0]
        for taken in stride(from: 1, through: min(count, limit), by: 1) {
            values.append(values[taken - 1] * Double(count - taken + 1) / Double(taken))
        }
        return values
    }
}
