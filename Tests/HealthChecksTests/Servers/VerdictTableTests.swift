import CurlTransport
import Foundation
import Providers
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// Real servers, each up, down, slow, wrong and lying: verdict and reason as documented, in a table.
@Suite(.timeLimit(.minutes(5))) struct VerdictTableTests {
    /// How much memory this process may take on top meanwhile, in bytes, with all that runs beside: far less than the 4 GB
    /// that servers try to send.
    static let memoryLimit = 256 << 20

    @Test func everyServerInEveryState() async throws {
        let servers = try TableServers()
        let others = try RealProbeServers()
        let closed = try #require(servers.ports["closed"])
        let rows =
            VerdictTable.web(servers.ports) + VerdictTable.sockets(servers.ports) + VerdictTable.redis(servers.ports)
            + VerdictTable.postgres(servers.ports, programs: servers.postgresPrograms)
            + VerdictTable.dns(servers.ports) + VerdictTable.mail(servers.ports, plugins: RealPluginTests.folder)
            + VerdictTable.tls(others.ports, folder: others.folder, closed: closed)
        let peak = try FileHandle(forWritingTo: URL(fileURLWithPath: "/proc/self/clear_refs"))
        try peak.write(contentsOf: Data("5".utf8))  // begins anew
        let before = try Self.memory("VmRSS")
        let (results, times) = try await assess(rows)
        let growth = try Self.memory("VmHWM") - before
        try #require(results.count == rows.count, "\(results.first?.reason ?? "")")
        for (row, result) in zip(rows, results) {
            let words: Comment = "\(row.server) \(row.state), \(row.detail): \(result.reason)"
            #expect(result.verdict == row.verdict, words)
            #expect(result.last?.reason == row.reason, words)
            let time = try #require(times[result.check])
            #expect(time < 4500, words)
            let isAwaited = row.reason == "timeout" && !row.server.hasPrefix("dns")
            #expect(!isAwaited || time >= 690, words)
        }
        #expect(growth < Self.memoryLimit)
        Self.show(zip(rows, results).map { Self.line($0, $1, times[$1.check]) }, growth)
        for server in Set(rows.map(\.server)) where !["http", "tcp", "dns", "https"].contains(server) {
            #expect(Set(rows.filter { $0.server == server }.map(\.state)).count >= (server == "dnsmasq" ? 4 : 5))
        }
    }

    /// The results, and how long each check's measurement took from its beginning to its report, in milliseconds.
    private func assess(_ rows: [VerdictTable.Row]) async throws -> ([CheckResult], [CheckID: Int64]) {
        let list = rows.enumerated().map { "  - {id: c\($0), \($1.check)}" }.joined(separator: "\n")
        let text = CheckFileTests.header + "defaults: {consecutiveErrorLimit: 1, timeout: 4s}\nchecks:\n\(list)\n"
        let transport = try CurlTransport()
        let controller = ControllerCommandRunner()
        let runner = CheckRunner(
            clock: RealClock(), transport: transport, controller: controller, inspector: ScriptedInspector())
        let instance = Instance(
            id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: "127.0.0.1")
        let request = AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: text)],
            phase: .verify, mode: .once, instance: instance, runner: ScriptedRunner(), allowsLoopback: true)
        let times = Guarded<[CheckID: Int64]>([:])
        let results = try await runner.assess(request) { step in
            let time = RealClock().wallTime().milliseconds - step.measurement.at.milliseconds
            times.with { $0[step.check] = time }
        }.results
        await transport.shutdown()
        return (results, times.with { $0 })
    }

    private static func line(_ row: VerdictTable.Row, _ result: CheckResult, _ time: Int64?) -> [String] {
        [
            row.server, row.state.rawValue, row.detail, result.verdict.rawValue, result.last?.reason ?? "-",
            time.map { String($0) } ?? "-",
        ]
    }

    /// Prints all at once, so that no other test's output comes between.
    private static func show(_ lines: [[String]], _ growth: Int) {
        let table = [["server", "state", "what it does", "verdict", "reason", "ms"]] + lines
        let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        let text = table.map { line in
            zip(line, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: " | ")
        }
        print(text.joined(separator: "\n") + "\n\(lines.count) checks, \(growth >> 20) MB of memory on top\n")
    }

    /// A line of this process's status, in bytes: `VmRSS` is its memory, `VmHWM` the most it had.
    private static func memory(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + ":") })
        let kilobytes = try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first)
        return try #require(Int(kilobytes)) * 1024
    }
}
