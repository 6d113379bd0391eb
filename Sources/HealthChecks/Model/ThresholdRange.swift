internal import Workflow

/// A range of the Monitoring Plugins guidelines, `[@]start:end`: values outside of it raise an alert, with `@` those inside.
///
/// `10` is `0:10`, `10:` has no upper end, `~:10` no lower one; both ends belong to the range. `2:1` is invalid.
/// Source: <https://www.monitoring-plugins.org/doc/guidelines.html#THRESHOLDFORMAT>
public struct ThresholdRange: Sendable, Hashable, CustomStringConvertible {
    /// What the ends of a range are written in.
    public enum Unit: Sendable, Hashable {
        /// Plain numbers.
        case number
        /// Lengths of time such as `200ms`, read as milliseconds; a zero may go without unit.
        case span
    }

    /// Why a text is no range.
    public enum ParseError: Error, Sendable, Hashable {
        /// It does not have the form `[@]start:end`.
        case syntax
        /// An end has no unit, or one that does not exist.
        case unit
        /// The start is greater than the end.
        case order
    }

    /// The lower end; minus infinity for `~`.
    public let start: Double
    /// The upper end; infinity when left out.
    public let end: Double
    /// Whether values inside raise the alert, instead of those outside.
    public let alertsInside: Bool
    /// The range as it was written.
    public let description: String

    /// Reads a range.
    public init(text: String, unit: Unit = .number) throws(ParseError) {
        let spec = text.hasPrefix("@") ? text.dropFirst() : text[...]
        let parts = spec.split(separator: ":", omittingEmptySubsequences: false)
        guard !spec.isEmpty, spec != ":", parts.count <= 2 else { throw .syntax }
        let startText = parts.count == 2 ? parts[0] : ""
        let endText = parts.count == 2 ? parts[1] : parts[0]
        start = startText == "~" ? -.infinity : try Self.bound(startText, unit) ?? 0
        end = try Self.bound(endText, unit) ?? .infinity
        guard start <= end else { throw .order }
        alertsInside = text.hasPrefix("@")
        description = text
    }

    /// Whether `value` raises the alert; what is not a number always does.
    public func alerts(for value: Double) -> Bool {
        if value.isNaN { return true }
        return (start...end).contains(value) == alertsInside
    }

    /// Whether the text is digits with at most one point among them and a minus before them.
    private static func isDecimal(_ text: Substring) -> Bool {
        let number = text.hasPrefix("-") ? text.dropFirst() : text
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }

    private static func bound(_ text: Substring, _ unit: Unit) throws(ParseError) -> Double? {
        if text.isEmpty { return nil }
        switch unit {
        case .number:
            guard isDecimal(text), let value = Double(text), value.isFinite else {
                throw .syntax
            }
            return value
        case .span:
            if text == "0" { return 0 }
            guard let span = Span(text: String(text)) else {
                throw text.first?.isNumber == true ? .unit : .syntax
            }
            return Double(span.milliseconds)
        }
    }
}
