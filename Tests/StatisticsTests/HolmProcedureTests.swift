import Testing

@testable import Statistics

@Suite("Holm's procedure")
struct HolmProcedureTests {
    @Test("By hand")
    func byHand() {
        let adjusted = HolmProcedure.adjusted([0.04, 0.01, 0.03])
        #expect(adjusted[0].isApproximately(0.06))
        #expect(adjusted[1].isApproximately(0.03))
        #expect(adjusted[2].isApproximately(0.06))
        #expect(HolmProcedure.adjusted([0.9, 0.8]) == [1, 1])
        #expect(HolmProcedure.adjusted([]) == [])
    }

    /// A test is rejected if Bonferroni's rejects every set of tests that it is in.
    private func closedTest(_ pValues: [Double], level: Double) -> [Bool] {
        pValues.indices.map { index in
            (1..<(1 << pValues.count)).allSatisfy { set in
                guard set & (1 << index) != 0 else { return true }
                let members = pValues.indices.filter { set & (1 << $0) != 0 }
                return members.contains { pValues[$0] <= level / Double(members.count) }
            }
        }
    }

    @Test("It rejects what the closed test of Bonferroni's procedure rejects")
    func closure() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<2000 {
            let pValues = (0..<3).map { _ in random.unit() * random.unit() * 0.1 }
            let rejected = HolmProcedure.adjusted(pValues).map { $0 <= 0.02 }
            #expect(rejected == closedTest(pValues, level: 0.02), "\(pValues)")
        }
    }
}
