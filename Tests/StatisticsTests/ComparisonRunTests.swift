import Testing

@testable import Statistics

@Suite("A comparison from the first look to the verdict")
struct ComparisonRunTests {
    private func series(_ count: Int, times factor: Double = 1) -> ComparisonSeries {
        ComparisonSeries(latencies: (0..<count).map { factor * (50 + Double($0 % 50)) })
    }

    @Test("Looks are taken when due, and only then; a pass waits for the last")
    func looks() throws {
        var run = ComparisonRun(try ComparisonDesign())
        #expect(run.nextLook == 200)
        #expect(run.look(original: series(200), replacement: series(199)) == nil)
        #expect(run.lastLook == 0)
        #expect(run.look(original: series(201), replacement: series(200)) == nil)
        #expect(run.lastLook == 200 && run.nextLook == 400)
        #expect(run.look(original: series(300), replacement: series(300)) == nil)
        #expect(run.lastLook == 200)
        #expect(run.look(original: series(999), replacement: series(999)) == nil)
        #expect(run.nextLook == 1000)
        let last = run.look(original: series(1000), replacement: series(1000))
        let report = try #require(last)
        #expect(report.verdict == .pass)
        #expect(run.nextLook == nil)
    }

    @Test("The levels of all looks sum up to alpha, also when probing ends early")
    func levels() throws {
        for end in [200, 399, 400, 700, 999, 1000] {
            var run = ComparisonRun(try ComparisonDesign(alpha: 0.02))
            var spent = 0.0
            for size in stride(from: 1, through: end, by: 1) {
                let before = run.lastLook
                _ = run.look(original: series(size), replacement: series(size))
                if run.report == nil { spent += 0.02 * Double(run.lastLook - before) / 1000 }
            }
            spent += run.conclude(original: series(end), replacement: series(end)).level
            #expect(spent.isApproximately(0.02), "ended after \(end)")
        }
    }

    @Test("A clear regression fails at the first look, and the verdict stays")
    func early() throws {
        var run = ComparisonRun(try ComparisonDesign())
        let first = run.look(original: series(200), replacement: series(200, times: 2))
        let report = try #require(first)
        #expect(report.verdict == .fail)
        #expect(report.level.isApproximately(0.004))
        #expect(run.look(original: series(1000), replacement: series(1000)) == report)
        #expect(run.conclude(original: series(1000), replacement: series(1000)) == report)
    }

    @Test("Ended before the least number of samples it is inconclusive; after it, a verdict")
    func ending() throws {
        var short = ComparisonRun(try ComparisonDesign())
        #expect(short.conclude(original: series(199), replacement: series(199)).verdict == .inconclusive)
        var enough = ComparisonRun(try ComparisonDesign())
        #expect(enough.conclude(original: series(200), replacement: series(200)).verdict == .pass)
        var worse = ComparisonRun(try ComparisonDesign())
        #expect(worse.conclude(original: series(250), replacement: series(250, times: 2)).verdict == .fail)
    }

    @Test("Impossible counts take no look and end inconclusive")
    func impossible() throws {
        var run = ComparisonRun(try ComparisonDesign())
        let broken = ComparisonSeries(latencies: series(1000).latencies, errorCount: Int.max)
        #expect(run.look(original: series(1000), replacement: broken) == nil)
        #expect(run.conclude(original: series(1000), replacement: broken).verdict == .inconclusive)
    }
}
