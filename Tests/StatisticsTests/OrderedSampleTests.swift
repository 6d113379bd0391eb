import Testing

@testable import Statistics

@Suite("Ordered samples")
struct OrderedSampleTests {
    @Test("Quantiles of type 7, computed by hand")
    func quantiles() throws {
        let sample = try OrderedSample([40, 10, 30, 20])
        #expect(sample.quantile(0) == 10)
        #expect(sample.quantile(1) == 40)
        #expect(sample.median == 25)
        #expect(sample.quantile(0.25) == 17.5)
        #expect(sample.quantile(0.9).isApproximately(37))
        #expect(sample.quantile(-1) == 10)
        #expect(sample.quantile(2) == 40)
        #expect(try OrderedSample([3]).quantile(0.95) == 3)
        #expect(try OrderedSample([3, 1, 2]).median == 2)
    }

    @Test("The tail's mean is that of the greatest values, at least one")
    func tail() throws {
        let sample = try OrderedSample((1...200).map(Double.init))
        #expect(sample.tailMean(beyond: 0.95) == 195.5)
        #expect(sample.tailMean(beyond: 0.9999) == 200)
        #expect(try OrderedSample([5]).tailMean(beyond: 0.95) == 5)
    }

    @Test("Values equal to the threshold do not exceed it")
    func exceedances() throws {
        #expect(try OrderedSample([1, 2, 2, 3]).exceedances(of: 2) == 1)
        #expect(try OrderedSample([1, 2]).pooled(with: OrderedSample([0, 3])).values == [0, 1, 2, 3])
    }

    @Test("No values, and what is no number, are refused")
    func refusals() {
        #expect(throws: StatisticsError.empty) { try OrderedSample([]) }
        #expect(throws: StatisticsError.notFinite(index: 1)) { try OrderedSample([1, .nan]) }
        #expect(throws: StatisticsError.notFinite(index: 0)) { try OrderedSample([.infinity]) }
    }
}

extension Double {
    /// Whether two numbers differ by rounding only.
    func isApproximately(_ other: Double) -> Bool {
        (self - other).magnitude <= 1e-12 * Swift.max(1, other.magnitude)
    }
}
