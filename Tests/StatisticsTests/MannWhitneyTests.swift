import Testing

@testable import Statistics

@Suite("Mann–Whitney")
struct MannWhitneyTests {
    private func test(
        _ x: [Double], _ y: [Double], _ alternative: Alternative, _ method: MannWhitneyTest.Method = .automatic
    ) throws -> MannWhitneyTest {
        MannWhitneyTest(try OrderedSample(x), try OrderedSample(y), alternative: alternative, method: method)
    }

    @Test("Separated samples: one arrangement of C(6, 3) = 20")
    func separated() throws {
        let slow = try test([4, 5, 6], [1, 2, 3], .greater)
        #expect(slow.statistic == 9)
        #expect(slow.effectSize == 1)
        #expect(slow.isExact)
        #expect(slow.pValue.isApproximately(0.05))
        #expect(try test([4, 5, 6], [1, 2, 3], .less).pValue.isApproximately(1))
        #expect(try test([4, 5, 6], [1, 2, 3], .twoSided).pValue.isApproximately(0.1))
        #expect(try test([1, 2, 3], [4, 5, 6], .less).pValue.isApproximately(0.05))
    }

    @Test("Equal values only: no difference, exact and asymptotic")
    func equal() throws {
        for method in [MannWhitneyTest.Method.exact, .asymptotic] {
            for alternative in Alternative.allCases {
                let found = try test([7, 7, 7], [7, 7], alternative, method)
                #expect(found.pValue.isApproximately(1))
                #expect(found.effectSize == 0.5)
            }
        }
    }

    /// All ways of choosing `count` of the positions below `total`.
    private func choices(_ count: Int, of total: Int) -> [[Int]] {
        if count == 0 { return [[]] }
        if total < count { return [] }
        return choices(count, of: total - 1) + choices(count - 1, of: total - 1).map { $0 + [total - 1] }
    }

    @Test("Exact p-values with ties are those of all permutations, counted one by one")
    func permutations() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<60 {
            let (n1, n2) = (Int.random(in: 1...5, using: &random), Int.random(in: 1...5, using: &random))
            let values = (0..<(n1 + n2)).map { _ in Double(Int.random(in: 0...4, using: &random)) }
            let pairs = { (chosen: [Int]) -> Double in
                let first = chosen.map { values[$0] }
                let second = values.indices.filter { !chosen.contains($0) }.map { values[$0] }
                var sum = 0.0
                for x in first {
                    for y in second { sum += x > y ? 1 : (x == y ? 0.5 : 0) }
                }
                return sum
            }
            let all = choices(n1, of: n1 + n2).map(pairs)
            let observed = pairs(Array(0..<n1))
            let above = Double(all.count { $0 >= observed }) / Double(all.count)
            let below = Double(all.count { $0 <= observed }) / Double(all.count)
            let (x, y) = (Array(values[..<n1]), Array(values[n1...]))
            #expect(try test(x, y, .greater, .exact).statistic == observed)
            #expect(try test(x, y, .greater, .exact).pValue.isApproximately(above))
            #expect(try test(x, y, .less, .exact).pValue.isApproximately(below))
            #expect(try test(x, y, .twoSided, .exact).pValue.isApproximately(min(1, 2 * min(above, below))))
        }
    }

    @Test("Exact up to 2,500 pairs, asymptotic beyond; both are near each other there")
    func method() throws {
        let x = (0..<50).map { Double($0) * 1.03 }
        let y = (0..<50).map { Double($0) - 4.5 }
        #expect(try test(x, y, .greater).isExact)
        #expect(try !test(x + [7.7], y, .greater).isExact)
        let (exact, normal) = (try test(x, y, .greater, .exact).pValue, try test(x, y, .greater, .asymptotic).pValue)
        #expect((exact - normal).magnitude < 0.002)
    }
}
