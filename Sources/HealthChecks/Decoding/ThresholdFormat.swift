internal import Documents

/// The format of the pair `warning:` and `critical:`.
enum ThresholdFormat {
    private static func range(_ unit: ThresholdRange.Unit) -> DocumentFormat<ThresholdRange> {
        let example = unit == .span ? "\"~:200ms\"" : "\"~:50\""
        return DocumentFormat<String>.text("a range such as \(example)").refine { text, cursor in
            do throws(ThresholdRange.ParseError) {
                return try ThresholdRange(text: text, unit: unit)
            } catch {
                report(error, text, example, cursor)
                return nil
            }
        }
    }

    private static func report(
        _ error: ThresholdRange.ParseError, _ text: String, _ example: String, _ cursor: DocumentCursor
    ) {
        let shown = text.prefix(60)
        switch error {
        case .syntax: cursor.report(.invalid, "\"\(shown)\" is no range", suggestion: "write for example \(example)")
        case .order: cursor.report(.invalid, "the range \"\(shown)\" starts after its end")
        case .unit:
            cursor.report(
                .wrongUnit, "the range \"\(shown)\" has an end without a known unit",
                suggestion: "the units are ms, s, m, h and d")
        }
    }

    private static func warning(_ unit: ThresholdRange.Unit) -> DocumentKey<ThresholdRange> {
        DocumentKey("warning", range(unit), summary: "Outside of this range the check warns.")
    }

    private static func critical(_ unit: ThresholdRange.Unit) -> DocumentKey<ThresholdRange> {
        DocumentKey("critical", range(unit), summary: "Outside of this range the check fails.")
    }

    /// The two keys, for mappings that have others too.
    static func rows(_ unit: ThresholdRange.Unit) -> [DocumentObjectShape.Key] {
        [warning(unit).shape, critical(unit).shape]
    }

    /// Reads the two keys from a mapping; at least one must be there.
    static func read(_ object: DocumentObject, _ unit: ThresholdRange.Unit) -> Thresholds? {
        guard object.contains("warning") || object.contains("critical") else {
            object.cursor.report(.missingKey, "at least one of warning and critical is needed")
            return nil
        }
        return Thresholds(warning: object[warning(unit)], critical: object[critical(unit)])
    }

    /// A mapping of the two keys alone.
    static func thresholds(_ name: String, _ unit: ThresholdRange.Unit) -> DocumentFormat<Thresholds> {
        .object(name, keys: rows(unit)) { read($0, unit) }
    }
}
