/// The ranks of two samples in their union; equal values share the mean of their ranks.
///
/// Ranks are kept doubled, so that these means stay whole numbers and no comparison depends on rounding.
struct PooledRanks: Sendable, Hashable {
    /// Values that are equal.
    struct Group: Sendable, Hashable {
        /// How many there are in both samples.
        var count: Int
        /// How many of them are in the first sample.
        var firstCount: Int
        /// Twice the rank that they share, ranks counted from 1.
        var doubledRank: Int
    }

    let firstCount: Int
    let secondCount: Int
    /// From the least values to the greatest.
    let groups: [Group]

    init(_ first: OrderedSample, _ second: OrderedSample) {
        firstCount = first.count
        secondCount = second.count
        var groups: [Group] = []
        var (i, j) = (0, 0)
        let (left, right) = (first.values, second.values)
        while i < left.count || j < right.count {
            let value = Self.least(left, i, right, j)
            let (startI, startJ) = (i, j)
            while i < left.count, left[i] == value { i += 1 }
            while j < right.count, right[j] == value { j += 1 }
            let count = (i - startI) + (j - startJ)
            let ranksBelow = startI + startJ
            groups.append(Group(count: count, firstCount: i - startI, doubledRank: 2 * ranksBelow + count + 1))
        }
        self.groups = groups
    }

    /// Twice the sum of the first sample's ranks.
    var doubledFirstRankSum: Int {
        groups.reduce(0) { $0 + $1.firstCount * $1.doubledRank }
    }

    /// Twice the sum of the second sample's ranks.
    var doubledSecondRankSum: Int {
        groups.reduce(0) { $0 + ($1.count - $1.firstCount) * $1.doubledRank }
    }

    /// The sum of t³ − t over the groups of t equal values, which the correction for ties needs.
    var tieTerm: Double {
        groups.reduce(0) { sum, group in
            let ties = Double(group.count)
            return sum + (ties * ties * ties - ties)
        }
    }

    /// The lesser of the next values, of which there is at least one.
    private static func least(_ left: [Double], _ i: Int, _ right: [Double], _ j: Int) -> Double {
        guard i < left.count else { return right[j] }
        guard j < right.count else { return left[i] }
        return min(left[i], right[j])
    }
}
