internal import Workflow

/// A report as a stream of the Test Anything Protocol: a test per check.
///
/// Version 13 is named, since `prove` of Test-Harness 3.44 refuses 14; the escapes are those that version 14 wrote
/// down. Source: <https://testanything.org/tap-version-14-specification.html>
struct TAPReport {
    var report: CheckReport

    var text: String {
        let points = report.assessment.results.map { Self.point($0) } + lack
        var lines = ["TAP version 13", "1..\(points.count)", "# " + report.target.onOneLine]
        if let standing = report.assessment.standing { lines.append("# " + standing.onOneLine) }
        for (index, point) in points.enumerated() {
            lines.append("\(point.isOK ? "ok" : "not ok") \(index + 1) - \(Self.escaped(point.name))\(point.directive)")
            lines += Self.block(point.details)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private struct Point {
        var isOK: Bool
        var name: String
        /// What a check that only observes has: `prove` does not count it.
        var directive = ""
        var details: [(name: String, value: String)]
    }

    private static func point(_ result: CheckResult) -> Point {
        let isOK = result.verdict == .pass || result.verdict == .warning
        return Point(
            isOK: isOK, name: result.check.rawValue,
            directive: isOK || result.isEnforced ? "" : " # TODO observed only",
            details: [("verdict", result.verdict.rawValue)] + result.details)
    }

    /// A plan of no tests would count as a success.
    private var lack: [Point] {
        report.lackOfChecks.map { [Point(isOK: false, name: $0, details: [])] } ?? []
    }

    private static func escaped(_ text: String) -> String {
        text.onOneLine.escaping(["\\", "#"])
    }

    /// A YAML block; its strings are those of JSON.
    private static func block(_ details: [(name: String, value: String)]) -> [String] {
        if details.isEmpty { return [] }
        let lines = details.map { "  \($0.name): \"\($0.value.onOneLine.escaping(["\\", "\""]))\"" }
        return ["  ---"] + lines + ["  ..."]
    }
}
