import Foundation
import Testing
import Workflow

@testable import HealthChecks

/// The programs of the package monitoring-plugins-basic, on loopback, unprivileged; nothing listens on port 1.
@Suite(.timeLimit(.minutes(5))) struct RealPluginTests {
    /// Where they are; `CHANGEOVER_TEST_PLUGINS` names another folder.
    static let folder = ProcessInfo.processInfo.environment["CHANGEOVER_TEST_PLUGINS"] ?? "/usr/lib/nagios/plugins"

    struct Example: Sendable, CustomTestStringConvertible {
        var command: String
        var outcome: Workflow.Measurement.Outcome
        var labels: [String] = []
        var text = ""

        var testDescription: String { command }
    }

    static let examples = [
        Example(command: "check_dummy 0 fine", outcome: .ok, text: "OK: fine"),
        Example(command: "check_dummy 1 hm", outcome: .warning, text: "WARNING: hm"),
        Example(command: "check_dummy 2 bad", outcome: .critical, text: "CRITICAL: bad"),
        Example(command: "check_dummy 3 dark", outcome: .unknown, text: "UNKNOWN: dark"),
        Example(command: "check_dummy 0 a|load=1.5;2;3;0;", outcome: .ok, labels: ["load"], text: "OK: a"),
        Example(
            command: "check_load -w 9000,9000,9000 -c 9999,9999,9999", outcome: .ok,
            labels: ["load1", "load5", "load15"], text: "LOAD OK"),
        Example(command: "check_load -w x -c 1", outcome: .unknown, text: "Warning threshold"),
        Example(command: "check_procs -w 90000 -c 99999", outcome: .ok, labels: ["procs"], text: "PROCS OK"),
        Example(command: "check_procs -c 999999:", outcome: .critical, labels: ["procs"], text: "PROCS CRITICAL"),
        Example(command: "check_users -w 900 -c 999", outcome: .ok, labels: ["users"], text: "USERS OK"),
        Example(command: "check_disk -w 0% -c 0% -p /", outcome: .ok, labels: ["/"], text: "DISK OK"),
        Example(command: "check_disk -w 1 -c 1 -p /nonexistent", outcome: .critical, text: "DISK CRITICAL"),
        Example(
            command: "check_file_age -w 4000000000 -c 4000000000 -f /etc/passwd", outcome: .ok,
            labels: ["age", "size"], text: "FILE_AGE OK"),
        Example(command: "check_file_age -f /nonexistent", outcome: .critical, text: "FILE_AGE CRITICAL"),
        Example(command: "check_cluster -s -l web -d 0,1,2 -w @2: -c @3:", outcome: .warning, text: "CLUSTER WARNING"),
        Example(command: "check_tcp -H 127.0.0.1 -p {open}", outcome: .ok, labels: ["time"], text: "TCP OK"),
        Example(command: "check_tcp -H 127.0.0.1 -p 1", outcome: .critical, text: "connect to address"),
        Example(
            command: "check_http -I 127.0.0.1 -p {open} -u /health -s UP", outcome: .ok, labels: ["time", "size"],
            text: "HTTP OK"),
        Example(
            command: "check_http -I 127.0.0.1 -p {open} -u /missing", outcome: .warning, labels: ["time", "size"],
            text: "HTTP WARNING"),
        Example(command: "check_http -I 127.0.0.1 -p 1", outcome: .critical, text: "connect to address"),
        Example(command: "check_ssh -p 1 127.0.0.1", outcome: .critical, text: "connect to address"),
        Example(
            command: "check_smtp -H 127.0.0.1 -p 1", outcome: .critical, labels: ["time"], text: "connect to address"),
        Example(command: "check_time -H 127.0.0.1 -p 1", outcome: .unknown, text: "connect to address"),
        Example(command: "check_ntp_time -H 127.0.0.1 -p 1 -t 2", outcome: .critical, text: "NTP CRITICAL"),
        // The words are the wrapped plugin's, the exit code is not: it is the exit code that counts.
        Example(command: "negate {folder}/check_dummy 2 x", outcome: .ok, text: "CRITICAL: x"),
    ]

    @Test(arguments: examples) func plugin(_ example: Example) async throws {
        let server = try LoopbackServer()
        var arguments = example.command.split(separator: " ").map {
            String($0).replacing("{open}", with: String(server.port)).replacing("{folder}", with: Self.folder)
        }
        arguments[0] = Self.folder + "/" + arguments[0]
        let isThere = FileManager.default.isExecutableFile(atPath: arguments[0])
        try #require(isThere, "\(arguments[0]) is missing: scripts/setup test")
        let result = try await ProcessRunner().run(Command(arguments, environment: ["LC_ALL": "C"]))
        let output = PluginOutput(result.output, isTruncated: result.isTruncated)
        let code = try #require(result.exitCode)
        #expect(output.outcome(exitCode: code) == example.outcome, "\(result)")
        #expect(output.problems.isEmpty, "\(output.problems) in \(result.output)")
        #expect(output.values.map(\.label).starts(with: example.labels), "\(result.output)")
        #expect(example.labels.isEmpty || output.values.allSatisfy { $0.value != nil })
        #expect(output.text.hasPrefix(example.text), "\(output.text)")
        let again = PluginOutput("x|" + output.values.map(\.description).joined(separator: " "))
        #expect(again.values == output.values && again.problems.isEmpty)
    }

    @Test func enoughOfThem() {
        let programs = Set(Self.examples.compactMap { $0.command.split(separator: " ").first })
        #expect(programs.count >= 10)
    }
}
