import Testing
import Workflow

@testable import HealthChecks

@Suite struct PluginOutputTests {
    @Test func wholeForm() throws {
        let output = PluginOutput(
            """
            DISK OK - free space | /=2643MB;5948;5958;0;5968
            / 15272 MB (77%);
            /boot 68 MB (69%); | /boot=68MB;88;93;0;98 'it''s a = b'=U;;@1:2
            used=0.5% | size=-1.5e3
            """)
        #expect(output.text == "DISK OK - free space")
        #expect(output.longText == ["/ 15272 MB (77%);", "/boot 68 MB (69%);"])
        #expect(output.values.map(\.label) == ["/", "/boot", "it's a = b"])
        let first = try #require(output.value(labelled: "/"))
        #expect(first.value == 2643 && first.unit == .megabytes && first.minimum == 0 && first.maximum == 5968)
        #expect(first.warning?.description == "5948" && first.critical?.description == "5958")
        let last = try #require(output.values.last)
        #expect(last.value == nil && last.unit == .number && last.warning == nil && last.critical?.alertsInside == true)
        // The last line has a bare | among its entries: none of it is believed.
        #expect(output.problems.map(\.description) == ["4:11: a second |"])
    }

    @Test(arguments: [
        ("a=1s", "1 s"), ("a=1us", "1 us"), ("a=1ms", "1 ms"), ("a=1%", "1 %"), ("a=1B", "1 B"), ("a=1KB", "1 KB"),
        ("a=1MB", "1 MB"), ("a=1GB", "1 GB"), ("a=1TB", "1 TB"), ("a=1c", "1 c"), ("a=1kB", "1 kB"),
        ("a=1°C", "1 °C"),
        ("a=-1.5", "-1.5 "), ("a=+1", "1 "), ("a=.5", "0.5 "), ("a=5.", "5 "), ("a=1e3", "1000 "),
        ("a=1E-2s", "0.01 s"),
        ("a=5e", "5 e"), ("a=5EB", "5 EB"), ("a=5e+x", ""), ("a=0x10", ""), ("a=1;;;;", "1 "), ("a=U;1;2", "U "),
        ("a=u", ""), ("a=Us", ""), ("a=", ""), ("a=;1", ""), ("a=nan", ""), ("a=inf", ""), ("a=1e999", ""),
        ("a=1,5", ""), ("a=1.2.3", ""), ("a=-", ""), ("a=.", ""), ("a=--1", ""), ("a=1-", ""), ("a=1=2", ""),
        ("a= 1", ""), ("a =1", ""), ("=1", ""), ("''=1", ""), ("' '=1", ""), ("'a=1", ""), ("'a'1", ""), ("'a' =1", ""),
        ("it's=1", ""), ("a=1 000", ""), ("a=1 b", ""), ("a", ""), ("a=1\t", "1 "), ("a=1\0", ""),
    ])
    func entry(_ text: String, _ expected: String) {
        let output = PluginOutput("x|" + text)
        let found = output.value(labelled: "a")
        let words = found.map { "\($0.value?.plainDecimal ?? "U") \($0.unit)" } ?? ""
        #expect(words == expected, "\(output.problems)")
        #expect(output.problems.isEmpty == (expected != ""), "\(output.problems)")
    }

    /// What is wrong beside the value is reported, and the value stands.
    @Test(arguments: [
        ("a=1;2:1", "1:7: a range whose start is greater than its end"), ("a=1;x;2", "1:7: not a range"),
        ("a=1;;1,5", "1:8: not a range"), ("a=1;;;1s", "1:10: more text after a number"),
        ("a=1;;;;1,5", "1:11: a comma in a number: tenths or thousands? Run the plugin with LC_ALL=C"),
        ("a=1;;;;;", "1:10: more than four fields after the value"),
    ])
    func field(_ text: String, _ problem: String) {
        let output = PluginOutput("x|" + text)
        #expect(output.value(labelled: "a")?.value == 1)
        #expect(output.problems.map(\.description) == [problem])
    }

    @Test(arguments: [
        ("OK | a=1 'b c'=x", "1:16: not a number"),
        ("OK | a=1 b c=2", "1:10: a label without =, or with a space and without quotes"),
        ("OK\nmore\n|a=1\nb=2,5 c=3", "4:4: a comma in a number: tenths or thousands? Run the plugin with LC_ALL=C"),
        ("OK | a=1 a=2", "1:10: the label a a second time"), ("OK |'a", "1:5: a label whose quote does not end"),
        ("é | =1", "1:6: an entry without label"),
    ])
    func place(_ text: String, _ problem: String) {
        #expect(PluginOutput(text).problems.map(\.description) == [problem])
    }

    @Test func linesAsWindowsAndNagiospluginEndThem() {
        let output = PluginOutput("OK\r\nlong\r\n| a=1\r\n| b=2\r\n\r\n")
        #expect(output.text == "OK" && output.longText == ["long"])
        #expect(output.values.map(\.label) == ["a", "b"])
        #expect(output.problems.isEmpty)
        #expect(PluginOutput("connect refused\nHTTP CRITICAL\n").summary == "connect refused")
        #expect(PluginOutput("\n\nHTTP CRITICAL\n").summary == "HTTP CRITICAL")
        #expect(PluginOutput("|a=1").summary == "")
    }

    @Test func bounds() {
        let many = PluginOutput("x|" + (0..<1001).map { "a\($0)=1" }.joined(separator: " "))
        #expect(many.values.isEmpty)
        #expect(many.problems.map(\.problem) == ["too many entries"])
        #expect(PluginOutput("x|" + (0..<1000).map { "a\($0)=1" }.joined(separator: " ")).values.count == 1000)
        let long = PluginOutput(String(repeating: "x", count: 100_000) + "|a=1")
        #expect(long.text.utf8.count == PluginOutput.maximumBytes && long.values.isEmpty)
        #expect(long.problems.map(\.description) == ["1:65537: the output is cut off here"])
        let wrong = PluginOutput("x\n|" + String(repeating: "\na=x", count: 1000))
        #expect(wrong.problems.count == PluginOutput.maximumProblems)
    }

    @Test(arguments: [
        ("OK", Int32(0), Measurement.Outcome.ok), ("W", 1, .warning), ("C", 2, .critical), ("U", 3, .unknown),
        ("x", 4, .unknown), ("x", 126, .unknown), ("x", 255, .unknown), ("x", -1, .unknown), ("", 0, .unknown),
        (" \n\t\n", 0, .unknown), ("\0", 0, .unknown), ("", 1, .unknown), ("", 2, .unknown), ("|a=1", 0, .ok),
        // Malformed performance data changes no verdict, least of all to ok.
        ("OK|a=x", 0, .ok), ("W|a=x", 1, .warning), ("C | 'a", 2, .critical), ("U|=1", 3, .unknown),
        ("CRITICAL: x", 0, .ok),
    ])
    func exitCode(_ text: String, _ code: Int32, _ outcome: Measurement.Outcome) {
        #expect(PluginOutput(text).outcome(exitCode: code) == outcome)
    }

    @Test(arguments: [
        ("a=5", Measurement.Outcome.ok, "a is 5"), ("a=15ms", .warning, "a is 15ms"), ("a=25", .critical, "a is 25"),
        ("b=5", .critical, "a is missing"), ("", .critical, "a is missing"), ("a=5,5", .critical, "a is missing"),
        ("a=U", .critical, "a could not be determined by the plugin"),
        ("a=5 a=5", .critical, "a is there more than once"),
        ("a=1 000", .critical, "a is missing"),
    ])
    func ownThresholds(_ text: String, _ outcome: Measurement.Outcome, _ words: String) throws {
        let thresholds = try Thresholds(warning: ThresholdRange(text: "10"), critical: ThresholdRange(text: "20"))
        let found = PluginOutput("OK|" + text).judge(label: "a", by: thresholds)
        #expect(found.outcome == outcome)
        #expect(found.actual == words)
    }

    @Test(arguments: [
        (5.0, "5"), (-0.0, "0"), (0.1, "0.1"), (1e-7, "0.0000001"), (-1.25e-9, "-0.00000000125"),
        (1e16, "10000000000000000"), (1.5e20, "150000000000000000000"), (123_456.789, "123456.789"),
    ])
    func plainDecimal(_ value: Double, _ text: String) {
        #expect(value.plainDecimal == text)
        #expect(Double(text) == value)
        #expect((0 / 0.0).plainDecimal == nil && Double.infinity.plainDecimal == nil)
    }

    @Test(arguments: [
        ("a", "a=1"), ("/var", "/var=1"), ("a b", "'a b'=1"), ("it's", "'it''s'=1"), ("a=b", "'a=b'=1"),
        ("ä", "'ä'=1"),
        ("a|b\nc", "a_b_c=1"), ("", "_=1"), (" ", "_=1"), ("a;b", "'a;b'=1"), ("'", "''''=1"),
    ])
    func writtenLabel(_ label: String, _ text: String) {
        #expect(PerformanceValue(label: label, value: 1).description == text)
        #expect(PluginOutput("x|" + text).values.first?.value == 1)
    }

    @Test func writtenFields() throws {
        let range = try ThresholdRange(text: "@~:2")
        let value = PerformanceValue(label: "a", value: 1.5, unit: .seconds, critical: range, maximum: 1e7)
        #expect(value.description == "a=1.5s;;@~:2;;10000000")
        #expect(PerformanceValue(label: "a", value: nil, unit: .seconds, minimum: 0).description == "a=U;;;0")
        #expect(PerformanceValue(label: "a", value: .nan).description == "a=U")
    }
}
