import CurlTransport
import Foundation
import Glibc
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// A Python web server on loopback that ends with its handle.
final class LoopbackServer: Sendable {
    let port: Int
    private let process: Guarded<Process>

    private static let script = """
        import http.server, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                bodies = {"/health": b'{"status":"UP","version":"1.2"}', "/": b"hello", "/empty": b"", "/null": b'{"status":null}'}
                if self.path == "/slow": threading.Event().wait(20)
                body = bodies.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=lambda: (sys.stdin.read(), __import__("os")._exit(0)), daemon=True).start()
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    init() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        // The server ends when this pipe closes, even if this process is killed.
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        self.process = Guarded(process)
    }

    /// Kills the server; a polite signal would stay pending, since children inherit the mask of the spawning thread.
    deinit {
        process.with {
            _ = kill($0.processIdentifier, SIGKILL)
            $0.waitUntilExit()
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct RealNetworkTests {
    @Test func realServer() async throws {
        let server = try LoopbackServer()
        let transport = try CurlTransport()
        let closed = try Self.closedPort()
        let cases: [(check: String, reason: String, verdict: CheckResult.Verdict)] = [
            (
                "http: {port: \(server.port), path: /health}, assert: [{status: 200}, {json: {path: $.status, equals: UP}}]",
                "ok", .pass
            ),
            (
                "http: {port: \(server.port), hostname: web.example, path: /}, assert: [{body: {contains: hello}}]",
                "ok",
                .pass
            ),
            ("http: {port: \(server.port), path: /none}, assert: [{status: 200}]", "assertion:0", .fail),
            (
                "http: {port: \(server.port), path: /empty}, assert: [{status: 200}, {json: {path: $.a, exists: true}}]",
                "assertion:1", .fail
            ),
            (
                "http: {port: \(server.port), path: /null}, assert: [{json: {path: $.status, equals: UP}}]",
                "assertion:0",
                .fail
            ),
            ("http: {port: \(server.port), path: /slow}, timeout: 300ms, assert: [{status: 200}]", "timeout", .fail),
            ("http: {scheme: https, port: \(server.port)}, assert: [{status: 200}]", "tls", .fail),
            ("http: {port: \(closed)}, assert: [{status: 200}]", "connect", .fail),
            ("tcp: {port: \(server.port)}", "ok", .pass),
            ("tcp: {port: \(closed)}", "connect", .fail),
            ("tcp: {port: \(server.port), send: \"GET / HTTP/1.0\\r\\n\\r\\n\", expect: hello}", "ok", .pass),
            ("tcp: {port: \(server.port), send: \"GET / HTTP/1.0\\r\\n\\r\\n\", expect: bye}", "expect", .fail),
            ("tcp: {port: \(server.port), expect: hello}, timeout: 300ms", "timeout", .fail),
        ]
        let results = try await assess(cases.map(\.check), transport).results
        #expect(results.map { $0.last?.reason } == cases.map(\.reason))
        #expect(results.map(\.verdict) == cases.map(\.verdict))
        #expect(results.allSatisfy { $0.last?.phaseMilliseconds["total"] != nil })
        await transport.shutdown()
    }

    private func assess(_ checks: [String], _ transport: CurlTransport) async throws -> HealthAssessment {
        let list = checks.enumerated().map { "  - {id: c\($0), \($1)}" }.joined(separator: "\n")
        let text = CheckFileTests.header + "checks:\n\(list)\n"
        let runner = CheckRunner(
            clock: ManualClock(), transport: transport, controller: ScriptedRunner(), inspector: ScriptedInspector())
        return try await runner.assess(
            AssessmentRequest(
                documents: [CheckDocument(path: "web.yaml", text: text)], phase: .verify, mode: .once,
                instance: Instance(
                    id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: "127.0.0.1"),
                runner: ScriptedRunner(), allowsLoopback: true)
        ) { _ in }
    }

    /// A port that was free a moment ago.
    private static func closedPort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        try #require(status == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
