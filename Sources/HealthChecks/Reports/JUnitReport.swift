internal import Workflow

/// A report as JUnit's XML: a suite for the target, a case for each check.
///
/// A fail is a failure, an inconclusive check an error, and what only observes and does not pass is skipped.
/// Source: the schema of Jenkins' xUnit plugin, `junit-10.xsd`.
struct JUnitReport {
    var report: CheckReport

    private var results: [CheckResult] { report.assessment.results }

    var text: String {
        let errors = count(.inconclusive) + (report.lackOfChecks == nil ? 0 : 1)
        let tests = results.count + (report.lackOfChecks == nil ? 0 : 1)
        let counts = [
            ("name", report.target), ("tests", String(tests)), ("failures", String(count(.fail))),
            ("errors", String(errors)), ("time", Self.seconds(Double(report.duration.milliseconds) / 1000)),
        ]
        let observed = results.filter { !$0.isEnforced && Self.isBad($0) }.count
        let suite = counts + [("skipped", String(observed)), ("timestamp", report.startedAt.dateAndTime)]
        var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#]
        lines.append(Self.tag("testsuites", counts) + ">")
        lines.append("  " + Self.tag("testsuite", suite) + ">")
        lines += results.flatMap { testCase($0) }
        if let lack = report.lackOfChecks {
            lines += testCase(name: "checks", seconds: 0, [Self.outcome("error", lack)])
        }
        if let standing = report.assessment.standing {
            lines.append("    <system-out>\(Self.escaped(standing))</system-out>")
        }
        return (lines + ["  </testsuite>", "</testsuites>"]).joined(separator: "\n") + "\n"
    }

    private func count(_ verdict: CheckResult.Verdict) -> Int {
        results.filter { $0.isEnforced && $0.verdict == verdict }.count
    }

    private static func isBad(_ result: CheckResult) -> Bool {
        result.verdict == .fail || result.verdict == .inconclusive
    }

    private func testCase(_ result: CheckResult) -> [String] {
        let details = result.details.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        let children =
            switch result.verdict {
            case .pass: [String]()
            case .warning: ["      <system-out>\(Self.escaped("warning\n" + details))</system-out>"]
            case .fail where result.isEnforced: [Self.outcome("failure", result.reason, result.last?.reason, details)]
            case .inconclusive where result.isEnforced:
                [Self.outcome("error", result.reason, result.last?.reason, details)]
            case .fail, .inconclusive:
                [Self.outcome("skipped", "observed only: \(result.verdict.rawValue): \(result.reason)")]
            }
        return testCase(name: result.check.rawValue, seconds: result.seconds, children)
    }

    private func testCase(name: String, seconds: Double, _ children: [String]) -> [String] {
        let attributes = [("name", name), ("classname", report.target), ("time", Self.seconds(seconds))]
        let opening = "    " + Self.tag("testcase", attributes)
        return children.isEmpty ? [opening + "/>"] : [opening + ">"] + children + ["    </testcase>"]
    }

    /// A child that says how a case ended.
    private static func outcome(
        _ name: String, _ message: String, _ type: String? = nil, _ text: String = ""
    ) -> String {
        let attributes = (type.map { [("type", $0)] } ?? []) + [("message", message)]
        let opening = "      " + tag(name, attributes)
        return text.isEmpty ? opening + "/>" : "\(opening)>\(escaped(text))</\(name)>"
    }

    private static func tag(_ name: String, _ attributes: [(String, String)]) -> String {
        "<" + ([name] + attributes.map { "\($0.0)=\"\(escaped($0.1, inAttribute: true))\"" }).joined(separator: " ")
    }

    /// Whole milliseconds, written in seconds.
    private static func seconds(_ value: Double) -> String {
        ((value * 1000).rounded() / 1000).plainDecimal ?? "0"
    }

    /// The text with its markup escaped; what XML 1.0 cannot carry, even escaped, becomes U+FFFD.
    private static func escaped(_ text: String, inAttribute: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\r": result += "&#13;"
            case "\n" where inAttribute, "\t" where inAttribute: result += "&#\(scalar.value);"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension WallTime {
    /// The moment to the second in UTC, such as `2027-01-15T08:00:00`.
    ///
    /// Days become dates by counting in 400-year eras that begin in March, so that leap days end them.
    fileprivate var dateAndTime: String {
        let (day, second) = Self.divided(Self.divided(milliseconds, by: 1000).quotient, by: 86_400)
        let (era, dayOfEra) = Self.divided(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let date = [Self.padded(year, 4), Self.padded(month, 2), Self.padded(dayOfMonth, 2)]
        let time = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }
        return date.joined(separator: "-") + "T" + time.joined(separator: ":")
    }

    private static func divided(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let remainder = (number % divisor + divisor) % divisor
        return ((number - remainder) / divisor, remainder)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
