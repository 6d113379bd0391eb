import Testing

@testable import Statistics

@Suite("The verdict of a comparison")
struct ComparisonJudgeTests {
    /// `count` latencies evenly spread from 50 ms up to 100 ms.
    private func series(_ count: Int, times factor: Double = 1, errors: Int = 0) -> ComparisonSeries {
        let latencies = (0..<count).map { factor * (50 + 50 * Double($0) / Double(max(1, count))) }
        return ComparisonSeries(latencies: latencies, errorCount: errors)
    }

    private func judge(
        _ original: ComparisonSeries, _ replacement: ComparisonSeries, _ design: ComparisonDesign? = nil
    ) throws -> ComparisonReport {
        ComparisonJudge(try design ?? ComparisonDesign()).judge(original: original, replacement: replacement)
    }

    private func finding(
        _ report: ComparisonReport, _ measure: ComparisonFinding.Measure
    ) throws -> ComparisonFinding {
        try #require(report.findings.first { $0.measure == measure })
    }

    @Test("Alike: pass, with all numbers")
    func alike() throws {
        let report = try judge(series(200), series(200))
        #expect(report.verdict == .pass)
        #expect(report.slowerProbability == 0.5)
        #expect(report.original == report.replacement)
        #expect(report.original.median == 74.875)
        #expect(report.findings.map(\.measure) == [.latency, .tail, .errors])
        #expect(report.findings.allSatisfy { !$0.isSignificant && !$0.isRelevant })
        #expect(
            report.reason
                == "no regression that is significant and great enough to count: "
                + "median 74.88 ms against 74.88 ms, 1.00 times (counts from 1.1); slowest 5 % on average 98.62 ms "
                + "against 98.62 ms, 1.00 times (counts from 1.5), 10 against 10 of them beyond 97.26 ms; "
                + "errors 0 against 0, +0.00 percentage points (counts beyond 0.5); "
                + "at level 0.02, 200 probes of the original and 200 of the replacement")
    }

    @Test("Faster is no regression")
    func faster() throws {
        #expect(try judge(series(200), series(200, times: 0.3)).verdict == .pass)
        #expect(try judge(series(190, errors: 60), series(250)).verdict == .inconclusive)
        #expect(try judge(series(200, errors: 60), series(260)).verdict == .pass)
    }

    @Test("A general shift fails by the median, not by the tail while that is below its limit")
    func shift() throws {
        let report = try judge(series(200), series(200, times: 1.3))
        #expect(report.verdict == .fail)
        #expect(try finding(report, .latency).isRegression)
        #expect(try finding(report, .latency).effect.isApproximately(1.3))
        let tail = try finding(report, .tail)
        #expect(tail.isSignificant && !tail.isRelevant)
        #expect(
            report.reason
                == "the replacement is worse: median 97.34 ms against 74.88 ms, 1.30 times (counts from 1.1), "
                + "p < 0.0001; at level 0.02, 200 probes of the original and 200 of the replacement")
    }

    @Test("A significant shift that is too small to count passes, and the reason says so")
    func small() throws {
        let report = try judge(series(1000), series(1000, times: 1.08))
        #expect(report.verdict == .pass)
        #expect(try finding(report, .latency).isSignificant)
        #expect(report.reason.contains("1.08 times (counts from 1.1), significant but too small to count"))
    }

    @Test("A tail of one in ten fails by the tail, with the median as it was")
    func tail() throws {
        var slow = series(200)
        for index in stride(from: 0, to: 200, by: 10) { slow.latencies[index] = 900 }
        let report = try judge(series(200), slow)
        #expect(report.verdict == .fail)
        #expect(try finding(report, .tail).isRegression)
        #expect(try !finding(report, .latency).isRegression)
        #expect(report.replacement.exceedances == 20 && report.original.exceedances == 0)
    }

    @Test("Two outliers are great enough but not significant")
    func outliers() throws {
        var slow = series(200)
        slow.latencies[0] = 60_000
        slow.latencies[100] = 60_000
        let report = try judge(series(200), slow)
        #expect(report.verdict == .pass)
        #expect(report.reason.contains("which may be chance, p = "))
    }

    @Test("Errors fail it, also where there is hardly a latency left")
    func errors() throws {
        #expect(try judge(series(200), series(185, errors: 15)).verdict == .fail)
        let dead = try judge(series(200), series(0, errors: 200))
        #expect(dead.verdict == .fail)
        #expect(dead.reason.contains("errors 200 against 0, +100.00 percentage points"))
        #expect(dead.slowerProbability == nil && dead.replacement.median == nil)
    }

    @Test("Three tests share the level where errors could be significant, two where they could not")
    func family() throws {
        let few = try judge(series(200), series(198, errors: 2))
        #expect(try finding(few, .errors).adjustedPValue == 1)
        let base = try judge(series(200), series(200, times: 1.02))
        let withErrors = try judge(series(192, errors: 8), series(200, times: 1.02))
        let smallest = { (report: ComparisonReport) throws -> Double in
            let latencies = report.findings.filter { $0.measure != .errors }
            let least = try #require(latencies.min { $0.pValue < $1.pValue })
            return least.adjustedPValue / least.pValue
        }
        #expect(try smallest(base).isApproximately(2))
        #expect(try smallest(withErrors).isApproximately(3))
    }

    @Test(
        "Too few samples are inconclusive, however clear they look",
        arguments: [(199, 1.0), (199, 10), (1, 1), (1, 10)])
    func tooFew(_ count: Int, _ factor: Double) throws {
        #expect(try judge(series(count), series(count, times: factor)).verdict == .inconclusive)
        #expect(try judge(series(1000), series(count, times: factor)).verdict == .inconclusive)
        #expect(try judge(series(count), series(1000, times: factor)).verdict == .inconclusive)
    }

    @Test("Too few answers are inconclusive, however many probes there were")
    func tooFewAnswers() throws {
        let report = try judge(series(199, errors: 5), series(199, errors: 5))
        #expect(report.verdict == .inconclusive)
        #expect(report.reason.contains("the original gave 199 answers to 204 probes"))
    }

    @Test("No data is what the design says, never a pass")
    func noData() throws {
        let strict = try ComparisonDesign(onNoData: .fail)
        for (old, new) in [(0, 0), (0, 200), (200, 0)] {
            let lenient = try judge(series(old), series(new))
            #expect(lenient.verdict == .inconclusive)
            #expect(lenient.reason.contains("gave no answer at all"))
            #expect(try judge(series(old), series(new), strict).verdict == .fail)
        }
        #expect(try judge(series(0, errors: 300), series(300)).verdict == .inconclusive)
        #expect(try judge(series(0, errors: 300), series(0, errors: 300)).verdict == .inconclusive)
    }

    @Test("So few samples that no tail could be significant are inconclusive, not a pass")
    func blind() throws {
        let hasty = try ComparisonDesign(minSamples: 20, maxSamples: 20)
        let report = try judge(series(20), series(20), hasty)
        #expect(report.verdict == .inconclusive)
        #expect(report.reason.contains("no difference of the slowest 5 % could be significant"))
        #expect(try judge(series(20), series(20, times: 3), hasty).verdict == .fail)
    }

    @Test("What is no latency, and impossible counts, are inconclusive")
    func invalid() throws {
        for value in [Double.nan, .infinity, -1] {
            var broken = series(300)
            broken.latencies[7] = value
            #expect(try judge(series(300), broken).verdict == .inconclusive)
            #expect(try judge(broken, series(300)).verdict == .inconclusive)
        }
        for count in [-1, Int.max] {
            #expect(try judge(series(300), series(300, errors: count)).verdict == .inconclusive)
        }
    }

    @Test("An original that takes no time at all is no division by zero")
    func zero() throws {
        let none = ComparisonSeries(latencies: [Double](repeating: 0, count: 200))
        #expect(try judge(none, none).verdict == .pass)
        let report = try judge(none, series(200))
        #expect(report.verdict == .fail)
        #expect(report.reason.contains("infinitely many times"))
    }
}
