import Testing

@testable import Statistics

@Suite("The design of a comparison")
struct ComparisonDesignTests {
    @Test("Looks double from the least to the greatest number of samples")
    func looks() throws {
        #expect(try ComparisonDesign().looks == [200, 400, 1000])
        #expect(try ComparisonDesign(minSamples: 200, maxSamples: 200).looks == [200])
        #expect(try ComparisonDesign(minSamples: 900, maxSamples: 1000).looks == [1000])
        #expect(try ComparisonDesign(minSamples: 100, maxSamples: 200).looks == [100, 200])
        #expect(try ComparisonDesign(minSamples: 1, maxSamples: 1_000_000).looks.count == 21)
    }

    @Test("What makes no sense is refused")
    func refusals() {
        #expect(throws: ComparisonDesign.Problem.samples) { try ComparisonDesign(minSamples: 0) }
        #expect(throws: ComparisonDesign.Problem.samples) { try ComparisonDesign(minSamples: 201, maxSamples: 200) }
        #expect(throws: ComparisonDesign.Problem.samples) { try ComparisonDesign(maxSamples: 1_000_001) }
        for alpha in [0, -0.1, 0.51, .nan] {
            #expect(throws: ComparisonDesign.Problem.alpha) { try ComparisonDesign(alpha: alpha) }
        }
        for ratio in [0.99, .nan, .infinity] {
            #expect(throws: ComparisonDesign.Problem.ratio) { try ComparisonDesign(minMedianRatio: ratio) }
            #expect(throws: ComparisonDesign.Problem.ratio) { try ComparisonDesign(minTailRatio: ratio) }
        }
        for quantile in [0.5, 1, .nan] {
            #expect(throws: ComparisonDesign.Problem.quantile) { try ComparisonDesign(tailQuantile: quantile) }
        }
        for increase in [-0.01, 1.01, .nan] {
            #expect(throws: ComparisonDesign.Problem.errorIncrease) {
                try ComparisonDesign(maxErrorIncrease: increase)
            }
        }
    }
}
