internal import Workflow

/// One line as monitoring plugins print it: service, status, text and performance data.
struct PluginLine: CustomStringConvertible {
    /// How long the line may be, in bytes with its line feed: what a packet of NRPE 2 carries.
    static let maximumBytes = 1023
    /// How long its text may be, in bytes, so that room is left for performance data.
    static let maximumTextBytes = 512

    var service: String
    var outcome: Measurement.Outcome
    var text: String
    var values: [PerformanceValue]

    /// The line without its line feed; entries that would make it too long are left out whole, from the end.
    var description: String {
        var line = Self.plain("\(service) \(status) - \(text)").shortened(toBytes: Self.maximumTextBytes)
        var separator = " | "
        for value in values {
            let addition = separator + value.description
            guard line.utf8.count + addition.utf8.count < Self.maximumBytes else { break }
            line += addition
            separator = " "
        }
        return line
    }

    private var status: String {
        switch outcome {
        case .ok: "OK"
        case .warning: "WARNING"
        case .critical: "CRITICAL"
        case .unknown: "UNKNOWN"
        }
    }

    /// The text on one line, with `/` for `|`, which would begin performance data, and without quotes, which Nagios
    /// takes out of what it hands to commands.
    private static func plain(_ text: String) -> String {
        let kept = text.onOneLine.unicodeScalars.filter { !["'", "\"", "`"].contains($0) }
        return String(String.UnicodeScalarView(kept.map { $0 == "|" ? "/" : $0 }))
    }
}
