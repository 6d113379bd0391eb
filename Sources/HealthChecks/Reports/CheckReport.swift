public import Workflow

/// The results of the checks of one target, to be written in the formats that other tools read.
///
/// No format turns a lack of data into a success: without a single enforced check there is an additional failure.
public struct CheckReport: Sendable, Hashable {
    /// What other tools read.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// JUnit's XML, as read by Jenkins, GitLab and their like.
        case junit
        /// One line as monitoring plugins print it.
        case nagios
        /// The text format of Prometheus, version 0.0.4.
        case prometheus
        /// The Test Anything Protocol, version 13.
        case tap
    }

    /// What was checked: an instance or an address.
    public var target: String
    /// The results.
    public var assessment: HealthAssessment
    /// When the checks began.
    public var startedAt: WallTime
    /// How long all checks took.
    public var duration: Span

    /// Creates a report.
    public init(target: String, assessment: HealthAssessment, startedAt: WallTime, duration: Span) {
        self.target = target
        self.assessment = assessment
        self.startedAt = startedAt
        self.duration = duration
    }

    /// The report in a format; ends with a line feed.
    public func text(as format: Format) -> String {
        switch format {
        case .junit: JUnitReport(report: self).text
        case .nagios: NagiosReport(report: self).line.description + "\n"
        case .prometheus: PrometheusReport(report: self).text
        case .tap: TAPReport(report: self).text
        }
    }

    /// The exit code that a monitoring plugin with these results has, 0 to 3.
    public var pluginExitCode: Int32 {
        switch assessment.verdict {
        case .pass: 0
        case .warning: 1
        case .fail: 2
        case .inconclusive: 3
        }
    }

    /// Said when nothing is enforced, so that nothing is proven.
    var lackOfChecks: String? {
        assessment.results.contains(where: \.isEnforced) ? nil : assessment.summary
    }
}

extension CheckResult {
    /// What was measured last and what was wanted, as far as known, by name.
    var details: [(name: String, value: String)] {
        let all = [
            ("reason", reason), ("found", last?.reason ?? ""), ("actual", last?.actual ?? ""),
            ("expected", last?.expected ?? ""), ("measurements", String(measurementCount)),
        ]
        return all.filter { !$0.1.isEmpty }.map { (name: $0.0, value: $0.1) }
    }

    /// How long the last measurement took in seconds, 0 when that is not known.
    var seconds: Double {
        let milliseconds = last?.phaseMilliseconds["total"] ?? 0
        return milliseconds.isFinite && milliseconds > 0 ? milliseconds / 1000 : 0
    }
}
