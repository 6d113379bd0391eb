import Testing

@testable import Statistics

@Suite("SciPy and NumPy agree")
struct SciPyTests {
    private struct Ranks: Decodable {
        var x, y, levels, quantiles: [Double]
        var isTied: Bool
        var statistic: Double
        var exact, permutation: [String: Double]?
        var asymptotic: [String: Double]
    }

    private struct Table: Decodable {
        var table: [Int]
        var pValues: [String: Double]
    }

    @Test("Mann–Whitney: U and all p-values of 1,200 random pairs of samples; quantiles")
    func ranks() throws {
        let cases: [Ranks] = try Oracle.documents("ranks", count: 1200)
        try #require(cases.count == 1200)
        var (exact, permutation, asymptotic) = (Deviation(), Deviation(), Deviation())
        var quantiles = Deviation()
        for (number, expected) in cases.enumerated() {
            let (x, y) = (try OrderedSample(expected.x), try OrderedSample(expected.y))
            #expect(MannWhitneyTest(x, y, alternative: .twoSided, method: .asymptotic).statistic == expected.statistic)
            try compare(x, y, expected.exact, .exact, number, into: &exact)
            try compare(x, y, expected.permutation, .exact, number, into: &permutation)
            try compare(x, y, expected.asymptotic, .asymptotic, number, into: &asymptotic)
            for (level, quantile) in zip(expected.levels, expected.quantiles) {
                let scale = max(1, quantile.magnitude)
                quantiles.add(x.quantile(level) / scale, quantile / scale, at: "case \(number), level \(level)")
            }
        }
        print("Mann–Whitney against SciPy, seed \(Oracle.seed)")
        print("  exact, no ties:      \(exact)")
        print("  exact permutations:  \(permutation)")
        print("  asymptotic:          \(asymptotic)")
        print("  quantiles (NumPy):   \(quantiles)")
        #expect(exact.count >= 900 && permutation.count >= 300 && asymptotic.count == 3600)
        #expect(exact.greatest <= 1e-9, "\(exact)")
        #expect(permutation.greatest <= 1e-9, "\(permutation)")
        #expect(asymptotic.greatest <= 1e-9, "\(asymptotic)")
        #expect(quantiles.greatest <= 1e-12, "\(quantiles)")
        #expect(cases.count { $0.isTied } >= 300 && cases.count { $0.isTied && $0.permutation != nil } >= 50)
    }

    private func compare(
        _ x: OrderedSample, _ y: OrderedSample, _ expected: [String: Double]?, _ method: MannWhitneyTest.Method,
        _ number: Int, into deviation: inout Deviation
    ) throws {
        guard let expected else { return }
        for alternative in Alternative.allCases {
            let theirs = try #require(expected[alternative.rawValue])
            let ours = MannWhitneyTest(x, y, alternative: alternative, method: method).pValue
            deviation.add(ours, theirs, at: "case \(number), \(x.count) and \(y.count) values, \(alternative)")
        }
    }

    @Test("Fisher: all p-values of 1,000 random tables with counts up to a million")
    func tables() throws {
        let cases: [Table] = try Oracle.documents("tables", count: 1000)
        try #require(cases.count == 1000)
        var deviation = Deviation()
        for expected in cases {
            let counts = expected.table
            let table = try ContingencyTable(
                firstHits: counts[0], firstMisses: counts[1], secondHits: counts[2], secondMisses: counts[3])
            for alternative in Alternative.allCases {
                let theirs = try #require(expected.pValues[alternative.rawValue])
                let ours = FisherExactTest(table, alternative: alternative).pValue
                deviation.add(ours, theirs, at: "\(counts), \(alternative)")
            }
        }
        print("Fisher against SciPy, seed \(Oracle.seed): \(deviation)")
        #expect(deviation.count == 3000)
        #expect(deviation.greatest <= 1e-9, "\(deviation)")
        #expect(cases.count { $0.table.contains { $0 > 100_000 } } >= 100)
    }
}
