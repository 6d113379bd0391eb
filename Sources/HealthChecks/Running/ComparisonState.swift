internal import Statistics
internal import Workflow

/// What a comparison has gathered so far, and when it has enough; a value without input or output.
struct ComparisonState: Sendable {
    /// What the two sides of a pair gave.
    struct Pair: Sendable {
        var original: ProbeReading
        var replacement: ProbeReading
    }

    /// What becomes of a pair.
    enum Use: Sendable, Hashable {
        /// It counts.
        case counted
        /// It was taken while the replacement may still be starting.
        case warmUp
        /// Our side failed in it, so that it says nothing of either.
        case ownFailure
    }

    let timing: CheckTiming
    let mode: AssessmentRequest.Mode
    let startedAt: Int64
    private(set) var run: ComparisonRun
    private(set) var original = ComparisonSeries()
    private(set) var replacement = ComparisonSeries()
    /// Whether pairs are shown and not counted yet.
    private(set) var isInGrace: Bool
    /// Pairs in a row in which our side failed.
    private(set) var ownFailures = 0
    /// How many probes were made, those that do not count included.
    private(set) var probeCount = 0
    /// Non-criticals, and counted criticals, of the replacement in a row.
    private(set) var successes = 0
    private(set) var failures = 0
    private(set) var last: Pair?

    init(_ design: ComparisonDesign, _ timing: CheckTiming, _ mode: AssessmentRequest.Mode, at now: Int64) {
        self.timing = timing
        self.mode = mode
        startedAt = now
        run = ComparisonRun(design)
        isInGrace = mode == .untilVerdict && timing.startupGrace > .zero
    }

    /// When the comparison ends whatever was measured, in the clock's milliseconds.
    var end: Int64 {
        switch mode {
        case .untilVerdict, .once: startedAt + timing.deadline.milliseconds
        case .watch(let span): startedAt + min(timing.deadline, span).milliseconds
        }
    }

    /// How many pairs count.
    var pairCount: Int { min(original.attemptCount, replacement.attemptCount) }

    /// Whether too many pairs in a row failed on our side; a watch goes on, since what it watches serves already.
    var isBlind: Bool {
        if case .watch = mode { return false }
        return ownFailures >= timing.consecutiveErrorLimit
    }

    /// Whether no further pair is needed.
    var isFinished: Bool { run.report != nil || isBlind || (mode == .once && hasLeastAnswers) }

    /// Takes a pair and looks at the data if a look is due.
    ///
    /// In `once` mode there is a single look, as soon as each side has given the least number of answers or both have
    /// been probed as often as allowed.
    mutating func take(_ pair: Pair, at now: Int64) -> Use {
        probeCount += 2
        last = pair
        guard isMeasured(pair.original), isMeasured(pair.replacement) else {
            ownFailures += 1
            return .ownFailure
        }
        ownFailures = 0
        count(pair.replacement)
        if isInGrace {
            // The pair that ends the grace is not counted either: it was chosen by what it gave.
            let isOver = now - startedAt >= timing.startupGrace.milliseconds
            isInGrace = pair.replacement.outcome == .critical && !isOver
            return .warmUp
        }
        original.add(pair.original)
        replacement.add(pair.replacement)
        if mode != .once { _ = run.look(original: original, replacement: replacement) }
        return .counted
    }

    /// The report on what there is; the same one if there was one before.
    mutating func conclude() -> ComparisonReport {
        run.conclude(original: original, replacement: replacement)
    }

    /// What the comparison waits for, in words.
    var waiting: String {
        if ownFailures > 0 { return "\(ownFailures) of \(timing.consecutiveErrorLimit) errors on our side" }
        if isInGrace { return "not counted before the replacement answers" }
        let errors = "errors \(replacement.errorCount) against \(original.errorCount)"
        return "\(pairCount) pairs of \(run.design.minSamples) to \(run.design.maxSamples), \(errors)"
    }

    private var hasLeastAnswers: Bool {
        let answers = [original, replacement].map(\.latencies.count).min() ?? 0
        return answers >= run.design.minSamples || pairCount >= run.design.maxSamples
    }

    private mutating func count(_ reading: ProbeReading) {
        let isCritical = reading.outcome == .critical
        successes = isCritical ? 0 : successes + 1
        failures = isCritical && !isInGrace ? failures + 1 : 0
    }

    private func isMeasured(_ reading: ProbeReading) -> Bool {
        switch reading.outcome {
        case .critical: true
        case .ok, .warning: reading.latency != nil
        case .unknown: false
        }
    }
}

extension ComparisonSeries {
    /// Adds what a probe gave: a critical reading is an error, whatever its time.
    fileprivate mutating func add(_ reading: ProbeReading) {
        if reading.outcome != .critical, let latency = reading.latency {
            latencies.append(latency)
        } else {
            errorCount += 1
        }
    }
}

extension ProbeReading {
    /// How long the whole request took in milliseconds; `nil` where that is no time.
    fileprivate var latency: Double? {
        phaseMilliseconds["total"].flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }
}
