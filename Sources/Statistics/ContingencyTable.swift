/// How often something happened in two samples: a table of two rows and two columns.
public struct ContingencyTable: Sendable, Hashable {
    /// The greatest count allowed, so that sums and products of counts cannot overflow.
    public static let countLimit = 1_000_000_000

    /// How often it happened in the first sample.
    public let firstHits: Int
    /// How often it did not happen in the first sample.
    public let firstMisses: Int
    /// How often it happened in the second sample.
    public let secondHits: Int
    /// How often it did not happen in the second sample.
    public let secondMisses: Int

    /// Takes the four counts, each 0 to 10⁹.
    public init(firstHits: Int, firstMisses: Int, secondHits: Int, secondMisses: Int) throws(StatisticsError) {
        let counts = [firstHits, firstMisses, secondHits, secondMisses]
        guard counts.allSatisfy({ (0...Self.countLimit).contains($0) }) else { throw .countOutOfRange }
        self.firstHits = firstHits
        self.firstMisses = firstMisses
        self.secondHits = secondHits
        self.secondMisses = secondMisses
    }

    var firstCount: Int { firstHits + firstMisses }
    var secondCount: Int { secondHits + secondMisses }
    var hits: Int { firstHits + secondHits }

    /// The table with the same sums in which as many hits as possible are in the first sample: of all such tables the one
    /// with the least p-value for `greater`.
    var extreme: ContingencyTable {
        let moved = min(secondHits, firstMisses)
        return ContingencyTable(
            firstHits: firstHits + moved, of: firstCount, secondHits: secondHits - moved, of: secondCount)
    }

    /// Takes counts that are known to be in range: the hits of each sample and its size.
    init(firstHits: Int, of firstCount: Int, secondHits: Int, of secondCount: Int) {
        self.firstHits = firstHits
        firstMisses = firstCount - firstHits
        self.secondHits = secondHits
        secondMisses = secondCount - secondHits
    }
}
