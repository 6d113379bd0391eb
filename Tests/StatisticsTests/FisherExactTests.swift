import Testing

@testable import Statistics

@Suite("Fisher's exact test")
struct FisherExactTests {
    private func p(_ counts: [Int], _ alternative: Alternative) throws -> Double {
        let table = try ContingencyTable(
            firstHits: counts[0], firstMisses: counts[1], secondHits: counts[2], secondMisses: counts[3])
        return FisherExactTest(table, alternative: alternative).pValue
    }

    @Test("The lady tasting tea: 1, 16, 36, 16 and 1 of 70 ways")
    func tea() throws {
        #expect(try p([4, 0, 0, 4], .greater).isApproximately(1.0 / 70))
        #expect(try p([3, 1, 1, 3], .greater).isApproximately(17.0 / 70))
        #expect(try p([3, 1, 1, 3], .less).isApproximately(69.0 / 70))
        #expect(try p([3, 1, 1, 3], .twoSided).isApproximately(34.0 / 70))
        #expect(try p([2, 2, 2, 2], .twoSided).isApproximately(1))
    }

    @Test(
        "An empty row or column shows nothing",
        arguments: [[0, 0, 3, 4], [0, 5, 0, 6], [5, 0, 6, 0], [0, 0, 0, 0], [2, 3, 0, 0]])
    func empty(_ counts: [Int]) throws {
        for alternative in Alternative.allCases { #expect(try p(counts, alternative) == 1) }
    }

    @Test("A difference beyond all doubt among millions is no division by zero")
    func extremes() throws {
        #expect(try p([1_000_000, 0, 0, 1_000_000], .greater) == 0)
        #expect(try p([1_000_000, 0, 0, 1_000_000], .twoSided) == 0)
        #expect(try p([0, 1_000_000, 1_000_000, 0], .greater) == 1)
    }

    @Test("Impossible counts are refused")
    func refusals() {
        #expect(throws: StatisticsError.countOutOfRange) { try p([-1, 1, 1, 1], .greater) }
        #expect(throws: StatisticsError.countOutOfRange) { try p([1, 1, 1, 1_000_000_001], .greater) }
    }

    @Test("The extreme table has the least p-value of all with its sums")
    func extreme() throws {
        let table = try ContingencyTable(firstHits: 1, firstMisses: 4, secondHits: 6, secondMisses: 2)
        let least = (0...5).map { hits in
            FisherExactTest(
                ContingencyTable(firstHits: hits, of: 5, secondHits: 7 - hits, of: 8), alternative: .greater
            ).pValue
        }.min()
        #expect(FisherExactTest(table.extreme, alternative: .greater).pValue == least)
    }
}
