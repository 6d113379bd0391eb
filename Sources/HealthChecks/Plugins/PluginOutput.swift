/// What a monitoring plugin printed: a line of text, more text, and performance data.
///
/// The form is `text | data`, any number of lines of text, then perhaps `text | data` and more lines of data, as Nagios
/// reads it. Reading never fails: what is malformed is listed in `problems`, and no value comes of it.
/// Sources: <https://www.monitoring-plugins.org/doc/guidelines.html#PLUGOUTPUT>,
/// <https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/pluginapi.html>
public struct PluginOutput: Sendable, Hashable {
    /// How much output is read, in bytes; the rest is cut off.
    public static let maximumBytes = 64 * 1024
    /// How many entries of performance data are kept.
    public static let maximumEntries = 1000
    /// How many problems are kept.
    public static let maximumProblems = 100

    /// The first line without performance data and without space around it.
    public let text: String
    /// The further lines of text.
    public let longText: [String]
    /// The performance data that could be read, in the order of the output.
    public let values: [PerformanceValue]
    /// What is malformed, in the order of the output.
    public let problems: [PluginOutputProblem]
    /// Whether nothing but white space was printed.
    public let isEmpty: Bool

    /// Reads a plugin's standard output.
    ///
    /// With `isTruncated` the end is missing, so the last entry is not believed: `used=1000` may have become `used=10`.
    public init(_ output: String, isTruncated: Bool = false) {
        var reader = PluginOutputReader()
        reader.read(output, isTruncated: isTruncated)
        text = reader.text
        longText = reader.longText
        values = reader.values
        problems = reader.problems
        isEmpty = output.unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == "\0" }
    }

    /// The first line of text that says something; empty when none does.
    public var summary: String {
        text.isEmpty ? longText.first { !$0.isEmpty } ?? "" : text
    }

    /// The entry with a label; `nil` when there is none, or more than one.
    public func value(labelled label: String) -> PerformanceValue? {
        let found = values.filter { $0.label == label }
        return found.count == 1 ? found[0] : nil
    }
}
