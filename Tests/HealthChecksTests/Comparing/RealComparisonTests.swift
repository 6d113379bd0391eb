import CurlTransport
import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// Web servers on two loopback addresses, one port for each kind of regression; they end with the handle.
final class RealSides: Sendable {
    static let originalAddress = "127.83.1.1"
    static let replacementAddress = "127.83.1.2"

    /// Ports by what is wrong with the replacement there.
    let ports: [String: Int]
    private let process: Guarded<Process>

    private static let script = """
        import http.server, json, os, sys, threading, time
        OLD, NEW = "127.83.1.1", "127.83.1.2"
        usual = lambda n: (0.004, 200)
        # The differences are far above what a busy machine adds to both sides. What the original and the replacement do with their n-th request: how long it takes, and its status.
        behaviours = {
            "equal": (usual, usual),
            "slower": (lambda n: (0.010, 200), lambda n: (0.040, 200)),
            "tail": (usual, lambda n: (0.250 if n % 20 == 0 else 0.004, 200)),
            "errors": (usual, lambda n: (0.004, 500 if n % 50 == 0 else 200)),
        }
        def handler(behaviour):
            count, lock = [0], threading.Lock()
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    with lock:
                        count[0] += 1
                        seconds, status = behaviour(count[0])
                    time.sleep(seconds)
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                def log_message(self, *arguments): pass
            return Handler
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64
        def pair(original, replacement):
            for _ in range(50):
                new = Server((NEW, 0), handler(replacement))
                try:
                    old = Server((OLD, new.server_port), handler(original))
                except OSError:
                    new.server_close()
                    continue
                for server in (old, new): threading.Thread(target=server.serve_forever, daemon=True).start()
                return new.server_port
            raise SystemExit("no port is free on both addresses")
        ports = {name: pair(*both) for name, both in behaviours.items()}
        print(json.dumps(ports), flush=True)
        sys.stdin.read()
        os._exit(0)
        """

    init() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        // The servers end when this pipe closes, even if this process is killed.
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        ports = try JSONDecoder().decode([String: Int].self, from: output.fileHandleForReading.availableData)
        self.process = Guarded(process)
    }

    /// Closes the pipe, which ends the script, and waits.
    deinit {
        process.with {
            try? ($0.standardInput as? Pipe)?.fileHandleForWriting.close()
            $0.waitUntilExit()
        }
    }
}

/// The real clock, a hundred times as fast: the pauses between pairs shrink, the servers' times do not.
struct FastClock: WorkflowClock {
    static let factor: Int64 = 100
    private let start = ContinuousClock.now

    func wallTime() -> WallTime { WallTime(milliseconds: 1_800_000_000_000 + monotonicMilliseconds()) }

    func monotonicMilliseconds() -> Int64 {
        Int64((ContinuousClock.now - start) / .milliseconds(1) * Double(Self.factor))
    }

    func sleep(for span: Span) async throws {
        try await ContinuousClock().sleep(for: span.duration / Int(Self.factor))
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct RealComparisonTests {
    /// What must come out; the level of the side that does not differ is low, so that chance fails one run in thousands.
    static let cases: [(name: String, keys: String, verdict: CheckResult.Verdict, reason: String)] = [
        ("equal", "alpha: 0.001, samples: {min: 200, max: 400}", .pass, "ok"),
        ("slower", "samples: {min: 100, max: 400}", .fail, "compare:latency"),
        ("tail", "samples: {min: 200, max: 800}", .fail, "compare:tail"),
        ("errors", "samples: {min: 200, max: 800}", .fail, "compare:errors"),
    ]

    @Test func realServers() async throws {
        let servers = try RealSides()
        let transport = try CurlTransport()
        var checks = ""
        for (name, keys, _, _) in Self.cases {
            let port = try #require(servers.ports[name])
            checks += "- {id: at-\(name), http: {port: \(port)}, assert: [{status: 200}], phase: [rollback]}\n"
            checks += "- {id: \(name), compare: {probe: at-\(name), \(keys)}, interval: 100ms, deadline: 24h}\n"
        }
        let request = AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: CheckFileTests.header + "checks:\n" + checks)],
            phase: .verify, mode: .untilVerdict, instance: instance("i-2", RealSides.replacementAddress),
            original: instance("i-1", RealSides.originalAddress), runner: ScriptedRunner(), allowsLoopback: true)
        let runner = CheckRunner(
            clock: FastClock(), transport: transport, controller: ScriptedRunner(), inspector: ScriptedInspector())
        let start = ContinuousClock.now
        let results = try await runner.assess(request) { _ in }.results
        print("Real comparisons, \(ContinuousClock.now - start)")
        for result in results {
            print("  \(result.check) \(result.verdict) \(result.last?.reason ?? ""), \(result.measurementCount) probes")
            print("    \(result.reason)")
        }
        #expect(results.map(\.verdict) == Self.cases.map(\.verdict))
        #expect(results.map { $0.last?.reason } == Self.cases.map(\.reason))
        await transport.shutdown()
    }

    private func instance(_ id: String, _ address: String) -> Instance {
        Instance(id: InstanceID(id), name: id, state: .running, image: ImageID("img"), address: address)
    }
}
