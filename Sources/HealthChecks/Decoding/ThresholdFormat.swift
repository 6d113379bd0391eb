internal import Documents

/// The format of the pair `warning:` and `critical:`.
enum ThresholdFormat {
    private static func range(_ unit: ThresholdRange.Unit) -> DocumentFormat<ThresholdRange> {
        let example = unit == .span ? "\"~:200ms\"" : "\"~:50\""
        return DocumentFormat<String>.text("a range such as \(example)", limits: TextForms.range(unit)) { text in
            problem(text, unit)
        }.refine { text, cursor -> ThresholdRange? in
            // What is left to be wrong is the order of the ends.
            guard let range = try? ThresholdRange(text: text, unit: unit) else {
                cursor.report(
                    .invalid, "the range \"\(text.prefix(60))\" starts after its end",
                    suggestion: "write the smaller end first")
                return nil
            }
            return range
        }
    }

    private static func problem(_ text: String, _ unit: ThresholdRange.Unit) -> DocumentTextProblem {
        let shown = text.prefix(60)
        let example = unit == .span ? "\"~:200ms\"" : "\"~:50\""
        do throws(ThresholdRange.ParseError) {
            _ = try ThresholdRange(text: text, unit: unit)
            return .invalid("\"\(shown)\" is no range", suggestion: "write for example \(example)")
        } catch {
            return switch error {
            case .syntax: .invalid("\"\(shown)\" is no range", suggestion: "write for example \(example)")
            case .order:
                .invalid("the range \"\(shown)\" starts after its end: without a start it starts at 0")
            case .unit:
                DocumentTextProblem(
                    .wrongUnit, "the range \"\(shown)\" has an end without a known unit",
                    suggestion: "the units are ms, s, m, h and d")
            }
        }
    }

    private struct Keys: Sendable {
        let warning: DocumentKey<ThresholdRange>
        let critical: DocumentKey<ThresholdRange>

        init(_ unit: ThresholdRange.Unit) {
            warning = DocumentKey("warning", range(unit), summary: "Outside of this range the check warns.")
            critical = DocumentKey("critical", range(unit), summary: "Outside of this range the check fails.")
        }
    }

    // Made once, since their patterns are compiled.
    private static let numberKeys = Keys(.number)
    private static let spanKeys = Keys(.span)

    private static func keys(_ unit: ThresholdRange.Unit) -> Keys {
        switch unit {
        case .number: numberKeys
        case .span: spanKeys
        }
    }

    /// The two keys, for mappings that have others too.
    static func rows(_ unit: ThresholdRange.Unit) -> [DocumentObjectShape.Key] {
        [keys(unit).warning.shape, keys(unit).critical.shape]
    }

    /// The rule that goes with the two keys where they are not left out together.
    static let rule = DocumentRule.atLeastOne(
        of: ["warning", "critical"], "at least one of warning and critical is needed",
        suggestion: "add for example critical")

    /// Reads the two keys from a mapping that has the rule.
    static func read(_ object: DocumentObject, _ unit: ThresholdRange.Unit) -> Thresholds? {
        Thresholds(warning: object[keys(unit).warning], critical: object[keys(unit).critical])
    }

    /// A mapping of the two keys alone.
    static func thresholds(_ name: String, _ unit: ThresholdRange.Unit) -> DocumentFormat<Thresholds> {
        .object(name, keys: rows(unit), rules: [rule]) { read($0, unit) }
    }
}
