import Foundation
import Testing
import Workflow

@testable import HealthChecks

/// Our reports as other parties' programs read them; where one is missing the tests fail, they are not skipped.
@Suite(.timeLimit(.minutes(5))) struct ReportReaderTests {
    private static let good = SampleReport.report([
        SampleReport.result("a/pass", .pass), SampleReport.result("a/warning", .warning),
        SampleReport.result("a/seen", .fail, isEnforced: false),
    ])
    private static let bad = SampleReport.report([SampleReport.result("a/b", .inconclusive)])
    private static let reports = SampleReport.unpleasant + [good, bad, SampleReport.report([])]

    /// `prove` reads a file in place of running it.
    private func prove(_ text: String) throws -> ReaderProcess.Ending {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString).t")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try ReaderProcess.run(["prove", "--exec", "cat", file.path])
    }

    @Test func tap() throws {
        for report in Self.reports {
            let ending = try prove(report.text(as: .tap))
            let isGood = report.pluginExitCode < 2
            #expect((ending.status == 0) == isGood, "\(ending.text)")
            #expect(ending.text.contains("Result: \(isGood ? "PASS" : "FAIL")"), "\(ending.text)")
            #expect(!ending.text.contains("Parse errors"), "\(ending.text)")
            let enforced = report.assessment.results.filter(\.isEnforced)
            let failed = enforced.filter { $0.verdict == .fail || $0.verdict == .inconclusive }.count
            let tests = report.assessment.results.count + (enforced.isEmpty ? 1 : 0)
            let counts = "Tests: \(tests) Failed: \(failed + (enforced.isEmpty ? 1 : 0)))"
            #expect(isGood || ending.text.contains(counts), "\(counts) in \(ending.text)")
        }
        // A plan that is not kept is noticed, so the reader is one.
        #expect(try prove("TAP version 13\n1..2\nok 1\n").status != 0)
    }

    struct Suite: Decodable {
        struct Case: Decodable {
            var name: String
            var outcomes: [String]
            var messages: [String?]
            var time: Double?
        }

        var name: String
        var tests: Int
        var failures: Int
        var errors: Int
        var skipped: Int
        var timestamp: String
        var cases: [Case]
    }

    @Test func junit() throws {
        for report in Self.reports {
            let suites: [Suite] = try ReaderProcess.documents(["junit"], input: report.text(as: .junit))
            let suite = try #require(suites.first)
            #expect(suites.count == 1 && suite.tests == suite.cases.count)
            let outcomes = suite.cases.flatMap(\.outcomes)
            #expect(suite.failures == outcomes.filter { $0 == "failure" }.count)
            #expect(suite.errors == outcomes.filter { $0 == "error" }.count)
            #expect(suite.skipped == outcomes.filter { $0 == "skipped" }.count)
            #expect((suite.failures + suite.errors == 0) == (report.pluginExitCode < 2))
            #expect(Self.isSame(suite.name, report.target))
            for (found, result) in zip(suite.cases, report.assessment.results) {
                #expect(Self.isSame(found.name, result.check.rawValue))
                #expect(found.outcomes == Self.outcomes(of: result))
            }
        }
    }

    private static func outcomes(of result: CheckResult) -> [String] {
        switch result.verdict {
        case .pass, .warning: []
        case .fail: [result.isEnforced ? "failure" : "skipped"]
        case .inconclusive: [result.isEnforced ? "error" : "skipped"]
        }
    }

    /// Whether a text came through XML whole, but for what XML cannot carry.
    private static func isSame(_ found: String, _ written: String) -> Bool {
        let expected = written.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isLost = scalar.value < 0x20 && !"\t\n\r".unicodeScalars.contains(scalar)
            return isLost || scalar == "\u{FFFE}" || scalar == "\u{FFFF}" ? "\u{FFFD}" : scalar
        }
        return found.unicodeScalars.elementsEqual(expected)
    }

    @Test func prometheus() throws {
        for report in Self.reports {
            let ending = try ReaderProcess.run(["promtool", "check", "metrics"], input: report.text(as: .prometheus))
            #expect(ending.status == 0 && ending.text.isEmpty, "\(ending.text)")
        }
        // What promtool must refuse, so that its silence means something.
        #expect(try ReaderProcess.run(["promtool", "check", "metrics"], input: "a{b=\"c\nd\"} 1\n").status != 0)
    }

    /// Perl's Monitoring::Plugin, the library of many plugins, reads the performance data.
    @Test func nagios() throws {
        let script = """
            use Monitoring::Plugin::Performance;
            while (<STDIN>) {
                chomp;
                my ($text, $data) = split /\\|/, $_, 2;
                for (Monitoring::Plugin::Performance->parse_perfstring($data // "")) {
                    print join("\\t", $_->label, $_->value, $_->uom, $_->min), "\\n";
                }
            }
            """
        var entries = 0
        for report in Self.reports {
            let text = report.text(as: .nagios)
            #expect(text.utf8.count <= 1024 && text.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
            let own = PluginOutput(text)
            #expect(own.problems.isEmpty, "\(own.problems) in \(text)")
            let ending = try ReaderProcess.run(["perl", "-e", script], input: text)
            let expected = own.values.map { "\($0.label)\t\($0.value?.plainDecimal ?? "")\ts\t0" }
            #expect(ending.status == 0)
            #expect(ending.text.split(separator: "\n").map { String($0) } == expected, "\(text)")
            entries += expected.count
        }
        #expect(entries > 50)
    }
}
