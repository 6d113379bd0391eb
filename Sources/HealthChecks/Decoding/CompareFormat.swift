internal import Documents
internal import Statistics

/// The format of a `compare` check; what concerns the rest of the file is in `CompareRules`.
enum CompareFormat {
    private struct Samples: Sendable {
        var min = 200
        var max = 1000
    }

    private struct Tail: Sendable {
        var quantile = 0.95
        var minRatio = 1.5
    }

    private static let probe = DocumentKey(
        "probe", CheckFileFormat.identifier, isRequired: true,
        summary: "The http, tcp, tls or dns check of this file whose probe both sides get.")
    private static let baseline = DocumentKey(
        "baseline", DocumentFormat<CompareCheck.Baseline>.choice, defaultText: "original",
        summary: "What the replacement is compared with.")
    private static let samples = DocumentKey(
        "samples", samplesFormat, defaultText: "{min: 200, max: 1000}", summary: "How many probes each side gets.")
    private static let alpha = DocumentKey(
        "alpha", DocumentFormat<Double>.number(in: 0.0001...0.5), defaultText: "0.02",
        summary: "The probability, at most, of failing a replacement that does not differ.")
    private static let latency = DocumentKey(
        "latency", latencyFormat, defaultText: "{minMedianRatio: 1.1}",
        summary: "When a general slowdown counts; it must be significant too.")
    private static let tail = DocumentKey(
        "tail", tailFormat, defaultText: "{quantile: 0.95, minRatio: 1.5}",
        summary: "When slower slowest answers count; they must be significant too.")
    private static let errors = DocumentKey(
        "errors", errorsFormat, defaultText: "{maxAbsoluteIncrease: 0.5%}",
        summary: "When more failed probes count; they must be significant too.")
    private static let onNoData = DocumentKey(
        "onNoData", DocumentFormat<ComparisonDesign.NoData>.choice, defaultText: "inconclusive",
        summary: "What becomes of it when one side never answers, or there is no original.")

    private static let least = DocumentKey(
        "min", DocumentFormat<Int>.integer(in: 1...100_000), defaultText: "200",
        summary: "From how many probes on each side there is a verdict; so many answers a pass needs.")
    private static let most = DocumentKey(
        "max", DocumentFormat<Int>.integer(in: 1...100_000), defaultText: "1000",
        summary: "How many probes each side gets at most; a pass waits for them, or for the deadline.")
    private static let minMedianRatio = DocumentKey(
        "minMedianRatio", DocumentFormat<Double>.number(in: 1...1000), isRequired: true,
        summary: "From which ratio of the medians, replacement / original, on.")
    private static let quantile = DocumentKey(
        "quantile", DocumentFormat<Double>.number(in: 0.51...0.999), defaultText: "0.95",
        summary: "Where the tail begins, as a quantile of both sides together.")
    private static let minRatio = DocumentKey(
        "minRatio", DocumentFormat<Double>.number(in: 1...1000), defaultText: "1.5",
        summary: "From which ratio of the tails' means, replacement / original, on.")
    private static let maxAbsoluteIncrease = DocumentKey(
        "maxAbsoluteIncrease", DocumentFormat<Double>.percent(in: 0...100), isRequired: true,
        summary: "Up to how many percentage points more do not count.")

    private static let samplesFormat = DocumentFormat<Samples>.object("samples", keys: [least.shape, most.shape]) {
        object in
        let (min, max) = (object[least], object[most])
        guard min != nil || !object.contains("min"), max != nil || !object.contains("max") else { return nil }
        let samples = Samples(min: min ?? 200, max: max ?? Swift.max(1000, min ?? 0))
        guard samples.min <= samples.max else {
            (object.place(of: "min") ?? object.place(of: "max"))?.report(
                .outOfRange, "min, \(samples.min), is more than max, \(samples.max)",
                suggestion: "lower min or raise max")
            return nil
        }
        return samples
    }

    private static let latencyFormat = DocumentFormat<Double>.object("latency", keys: [minMedianRatio.shape]) {
        $0[minMedianRatio]
    }

    private static let tailFormat = DocumentFormat<Tail>.object("tail", keys: [quantile.shape, minRatio.shape]) {
        object in
        let (quantile, ratio) = (object[quantile], object[minRatio])
        guard quantile != nil || !object.contains("quantile"), ratio != nil || !object.contains("minRatio") else {
            return nil
        }
        return Tail(quantile: quantile ?? Tail().quantile, minRatio: ratio ?? Tail().minRatio)
    }

    private static let errorsFormat = DocumentFormat<Double>.object("errors", keys: [maxAbsoluteIncrease.shape]) {
        $0[maxAbsoluteIncrease]
    }

    /// A `compare` check.
    static let compare = DocumentFormat<CompareCheck>.object(
        "compare",
        keys: [
            probe.shape, baseline.shape, samples.shape, alpha.shape, latency.shape, tail.shape, errors.shape,
            onNoData.shape,
        ]
    ) { object in
        let probe = object[probe]
        let samples = object.contains("samples") ? object[samples] : Samples()
        let tail = object.contains("tail") ? object[tail] : Tail()
        let (alpha, ratio, percent) = (object[alpha], object[latency], object[errors])
        let (baseline, noData) = (object[baseline], object[onNoData])
        let isWhole =
            (alpha != nil || !object.contains("alpha")) && (ratio != nil || !object.contains("latency"))
            && (percent != nil || !object.contains("errors")) && (noData != nil || !object.contains("onNoData"))
            && (baseline != nil || !object.contains("baseline"))
        guard let probe, let samples, let tail, isWhole else { return nil }
        do throws(ComparisonDesign.Problem) {
            let design = try ComparisonDesign(
                minSamples: samples.min, maxSamples: samples.max, alpha: alpha ?? 0.02, minMedianRatio: ratio ?? 1.10,
                tailQuantile: tail.quantile, minTailRatio: tail.minRatio, maxErrorIncrease: (percent ?? 0.5) / 100,
                onNoData: noData ?? .inconclusive)
            guard isDecidable(design, object) else { return nil }
            return CompareCheck(probe: probe, design: design)
        } catch {
            object.cursor.report(.invalid, "the comparison makes no sense: \(error)")
            return nil
        }
    }

    /// Whether samples of these sizes can show anything; reports at `samples` where they cannot.
    private static func isDecidable(_ design: ComparisonDesign, _ object: DocumentObject) -> Bool {
        let place = object.place(of: "samples") ?? object.cursor
        let question = "alpha \(design.alpha) and the tail's quantile \(design.tailQuantile)"
        guard design.canPass(withAnswers: design.minSamples) else {
            let enough = design.leastSamplesForPass.map { "write min: \($0) or more" }
            (place.member("min") ?? place).report(
                .invalid, "with \(design.minSamples) samples nothing could be significant at \(question)",
                suggestion: enough ?? "raise alpha or lower the quantile")
            return false
        }
        guard design.canPassAtLastLook else {
            (place.member("max") ?? place).report(
                .invalid,
                "at max, \(design.maxSamples) samples, nothing could be significant with what earlier looks leave of "
                    + question, suggestion: "write max: \(design.minSamples * 2) or more")
            return false
        }
        return true
    }
}
