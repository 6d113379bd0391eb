/// One entry of a plugin's performance data, `'label'=value[UOM];[warn];[crit];[min];[max]`.
///
/// Source: <https://www.monitoring-plugins.org/doc/guidelines.html#AEN201>
public struct PerformanceValue: Sendable, Hashable, CustomStringConvertible {
    /// What was measured, without quotes; never blank.
    public var label: String
    /// The value in `unit`, finite; `nil` for `U`: the plugin could not determine it.
    public var value: Double?
    /// What value, ranges, minimum and maximum are measured in.
    public var unit: PerformanceUnit
    /// The plugin's own warning range.
    public var warning: ThresholdRange?
    /// The plugin's own critical range.
    public var critical: ThresholdRange?
    /// The least that the value can be.
    public var minimum: Double?
    /// The most that the value can be.
    public var maximum: Double?

    /// Creates an entry.
    public init(
        label: String, value: Double?, unit: PerformanceUnit = .number, warning: ThresholdRange? = nil,
        critical: ThresholdRange? = nil, minimum: Double? = nil, maximum: Double? = nil
    ) {
        self.label = label
        self.value = value
        self.unit = unit
        self.warning = warning
        self.critical = critical
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The entry as plugins write it, on one line, without exponents and without trailing semicolons.
    ///
    /// A label is quoted where it needs to be. What no quoting can carry (`|`, line ends and other control characters)
    /// becomes `_`. A value that is not finite is written as `U`.
    public var description: String {
        let number = value.flatMap(\.plainDecimal).map { $0 + unit.description } ?? "U"
        var fields = [
            "\(Self.written(label))=\(number)", warning?.description ?? "", critical?.description ?? "",
            minimum.flatMap(\.plainDecimal) ?? "", maximum.flatMap(\.plainDecimal) ?? "",
        ]
        while fields.last == "" { fields.removeLast() }
        return fields.joined(separator: ";")
    }

    private static func written(_ label: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in label.unicodeScalars {
            text.append(scalar == "|" || scalar.breaksLines ? "_" : scalar)
        }
        if text.allSatisfy(\.properties.isWhitespace) { return "_" }
        if String(text).utf8.allSatisfy(isPlain) { return String(text) }
        var quoted = String.UnicodeScalarView("'".unicodeScalars)
        for scalar in text {
            if scalar == "'" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        return String(quoted) + "'"
    }

    /// Whether a byte needs no quotes anywhere.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "."),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
