import Testing
import Workflow

@testable import HealthChecks

@Suite struct CheckReportTests {
    private let report = SampleReport.report([
        SampleReport.result("web/ready", .pass), SampleReport.result("web/body", .fail, reason: "no \"ok\" | found"),
        SampleReport.result("web/new", .fail, isEnforced: false), SampleReport.result("disk/root", .warning),
        CheckResult(
            check: CheckID("disk/none"), verdict: .inconclusive, isEnforced: true, reason: "nothing measured",
            last: nil,
            measurementCount: 0),
    ])

    @Test func nagios() {
        let expected = """
            HEALTH CRITICAL - i-1: web/body fail: no ok / found | web/ready=0.012346s;;;0 web/body=0.012346s;;;0 \
            web/new=0.012346s;;;0 disk/root=0.012346s;;;0

            """
        #expect(report.text(as: .nagios) == expected)
        #expect(report.pluginExitCode == 2)
    }

    @Test func tap() {
        let text = report.text(as: .tap)
        #expect(text.hasPrefix("TAP version 13\n1..5\n# i-1\nok 1 - web/ready\n  ---\n  verdict: \"pass\"\n"))
        #expect(text.contains("\nnot ok 2 - web/body\n  ---\n  verdict: \"fail\"\n"))
        #expect(text.contains(#"  reason: "no \"ok\" | found""#))
        #expect(text.contains("\nnot ok 3 - web/new # TODO observed only\n"))
        #expect(text.contains("\nok 4 - disk/root\n") && text.contains("\nnot ok 5 - disk/none\n"))
    }

    @Test func junit() {
        let text = report.text(as: .junit)
        let counts = "tests=\"5\" failures=\"1\" errors=\"1\" time=\"1.25\""
        #expect(text.contains("<testsuites name=\"i-1\" \(counts)>"))
        #expect(text.contains("<testsuite name=\"i-1\" \(counts) skipped=\"1\" timestamp=\"2027-01-15T07:59:59\">"))
        #expect(text.contains("<testcase name=\"web/ready\" classname=\"i-1\" time=\"0.012\"/>"))
        let failure = "<failure type=\"assertion:0\" message=\"no &quot;ok&quot; | found\">reason: no &quot;ok"
        #expect(text.contains(failure))
        #expect(text.contains("<error message=\"nothing measured\">reason: nothing measured\nmeasurements: 0</error>"))
    }

    @Test func prometheus() {
        let lines = report.text(as: .prometheus).split(separator: "\n")
        #expect(lines.contains("# TYPE changeover_check_verdict gauge"))
        #expect(lines.contains(#"changeover_health_verdict{target="i-1",verdict="fail"} 1"#))
        #expect(lines.contains(#"changeover_check_verdict{target="i-1",check="web/body",verdict="pass"} 0"#))
        #expect(lines.contains(#"changeover_check_enforced{target="i-1",check="web/new"} 0"#))
        let phase = #"changeover_check_phase_duration_seconds{target="i-1",check="web/ready",phase="dns"} 0.0005"#
        #expect(lines.contains { $0 == phase })
    }

    @Test(
        arguments: [
            ([], 3), ([.pass], 0), ([.pass, .warning], 1), ([.warning, .inconclusive], 3), ([.inconclusive, .fail], 2),
        ] as [([CheckResult.Verdict], Int32)])
    func exitCode(_ verdicts: [CheckResult.Verdict], _ code: Int32) {
        let results = verdicts.enumerated().map { SampleReport.result("c\($0)", $1) }
        #expect(SampleReport.report(results).pluginExitCode == code)
    }

    /// What nobody checked has not passed, in whatever format.
    @Test(arguments: [[], [SampleReport.result("a", .pass, isEnforced: false)]]) func nothingEnforced(
        _ results: [CheckResult]
    ) {
        let report = SampleReport.report(results)
        let words = "no check takes part, so nothing is proven"
        #expect(report.text(as: .nagios).hasPrefix("HEALTH UNKNOWN - i-1: \(words)"))
        #expect(report.text(as: .tap).contains("\nnot ok \(results.count + 1) - \(words)\n"))
        #expect(report.text(as: .junit).contains("<error message=\"\(words)\"/>"))
        #expect(report.text(as: .prometheus).contains("{target=\"i-1\",verdict=\"inconclusive\"} 1\n"))
        #expect(report.text(as: .prometheus).contains("{target=\"i-1\",verdict=\"pass\"} 0\n"))
    }

    @Test func pluginLineIsShort() {
        let many = (0..<100).map { SampleReport.result("file/check-\($0)", .fail, reason: SampleReport.texts[19]) }
        let text = SampleReport.report(many).text(as: .nagios)
        #expect(text.utf8.count <= 1024 && text.utf8.count > 900)
        let output = PluginOutput(text)
        #expect(output.text.utf8.count == PluginLine.maximumTextBytes && output.text.hasSuffix("..."))
        #expect(output.problems.isEmpty && output.values.count > 5)
        #expect(output.values.allSatisfy { $0.minimum == 0 && $0.unit == .seconds })
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00"), (-1, "1969-12-31T23:59:59"), (951_782_399_999, "2000-02-28T23:59:59"),
        (951_782_400_000, "2000-02-29T00:00:00"), (4_107_542_400_000, "2100-03-01T00:00:00"),
    ])
    func timestamp(_ milliseconds: Int64, _ text: String) {
        var report = report
        report.startedAt = WallTime(milliseconds: milliseconds)
        #expect(report.text(as: .junit).contains("timestamp=\"\(text)\""))
    }
}
