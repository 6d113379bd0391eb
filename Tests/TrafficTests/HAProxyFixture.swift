import CurlTransport
import Foundation
import Workflow

@testable import Traffic

/// A real HAProxy on loopback with small servers behind it; everything ends with `stop`.
final class HAProxyFixture: @unchecked Sendable {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/sbin/haproxy")

    let folder: String
    let frontend: Int
    let port: Int
    let transport: CurlTransport
    private var processes: [Process] = []

    var socket: String { folder + "/admin.sock" }
    var route: HAProxyRoute { HAProxyRoute(socket: socket, backend: "web", port: port) }
    var router: HAProxyRouter { HAProxyRouter(route: route, transport: transport) }
    var observer: HAProxyObserver { HAProxyObserver(route: route, transport: transport) }

    /// Starts servers on `addresses` and a HAProxy whose backend holds `servers` (lines of configuration).
    init(addresses: [String], servers: [String], balance: String = "roundrobin") async throws {
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("hap-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        frontend = try freePort("127.43.0.1")
        port = try freePort("127.43.0.2")
        transport = try CurlTransport()
        try Self.serverScript.write(toFile: folder + "/servers.py", atomically: true, encoding: .utf8)
        try start("/usr/bin/env", ["python3", folder + "/servers.py", folder, "\(port)"] + addresses)
        try configuration(servers: servers, balance: balance).write(
            toFile: folder + "/haproxy.cfg", atomically: true, encoding: .utf8)
        try await eventually("servers listen") { FileManager.default.fileExists(atPath: self.folder + "/listening") }
        try start("/usr/sbin/haproxy", ["-f", folder + "/haproxy.cfg", "-db"])
        try await eventually("HAProxy answers") { (try? await self.router.members()) != nil }
    }

    private func configuration(servers: [String], balance: String) -> String {
        """
        global
            stats socket \(socket) mode 600 level admin
            stats socket \(folder)/operator.sock mode 600 level operator
            stats socket \(folder)/user.sock mode 600 level user
            hard-stop-after 1s
        defaults
            mode http
            timeout connect 2s
            timeout client 30s
            timeout server 30s
            timeout check 5s
        frontend front
            bind 127.43.0.1:\(frontend)
            default_backend web
        backend web
            balance \(balance)
            option httpchk GET /health
            option redispatch
        \(servers.map { "    server \($0.replacingOccurrences(of: "PORT", with: "\(port)"))" }.joined(separator: "\n"))
        backend other
            server o 127.43.0.2:\(port)

        """
    }

    @discardableResult
    func start(_ program: String, _ arguments: [String], output: Pipe? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        if let output { process.standardOutput = output } else { process.standardOutput = FileHandle.nullDevice }
        try process.run()
        processes.append(process)
        return process
    }

    func stop() async {
        for process in processes.reversed() where process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        await transport.shutdown()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func stopHAProxy() {
        for process in processes where process.executableURL?.lastPathComponent == "haproxy" {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// Makes a server's health check fail (`sick`) or take its time (`slow`).
    func mark(_ address: String, _ what: String, _ isOn: Bool) throws {
        let path = "\(folder)/\(what)-\(address)"
        if isOn {
            try Data().write(to: URL(fileURLWithPath: path))
        } else {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    /// How many requests other than checks a server has answered or begun to answer.
    func hits(_ address: String) -> Int {
        FileManager.default.contents(atPath: "\(folder)/hits-\(address)")?.count ?? 0
    }

    /// Asks for a page through HAProxy and gives the body.
    func get(_ path: String = "/") async throws -> String {
        let result = try await transport.exchange(
            RawExchange(
                endpoint: .tcp(host: "127.43.0.1", port: frontend),
                send: Array("GET \(path) HTTP/1.0\r\nHost: x\r\n\r\n".utf8), finish: .endOfStream))
        return String(decoding: result.received, as: UTF8.self).components(separatedBy: "\r\n\r\n").last ?? ""
    }

    func status(_ address: String) async throws -> TrafficMember.Status? {
        try await router.members().first { $0.address == address }?.status
    }

    func waitFor(_ address: String, _ status: TrafficMember.Status?) async throws {
        try await eventually("\(address) is \(status?.rawValue ?? "gone")") { try await self.status(address) == status }
    }

    private static let serverScript = """
        import sys, os, time, threading, http.server
        folder, port = sys.argv[1], int(sys.argv[2])
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536
            disable_nagle_algorithm = True
            def do_GET(self):
                me = self.server.server_address[0]
                code = 200
                if self.path == "/health":
                    if os.path.exists(folder + "/slow-" + me): time.sleep(0.4)
                    if os.path.exists(folder + "/sick-" + me): code = 503
                else:
                    with open(folder + "/hits-" + me, "a") as f: f.write("x")
                    if self.path == "/hang":
                        while not os.path.exists(folder + "/go"): time.sleep(0.01)
                body = me.encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *a): pass
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256
        servers = [Server((a, port), Handler) for a in sys.argv[3:]]
        for s in servers: threading.Thread(target=s.serve_forever, daemon=True).start()
        open(folder + "/listening", "w").close()
        threading.Event().wait()
        """
}

struct Failed: Error, CustomStringConvertible {
    let description: String
}

/// Finds a port that is free on an address.
func freePort(_ address: String) throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, address, &name.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
    }
    guard result else { throw Failed(description: "no free port on \(address)") }
    return Int(UInt16(bigEndian: name.sin_port))
}

/// Waits, at most 15 s, until what can be observed is so.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(15))
    while clock.now < deadline {
        if try await condition() { return }
        try await clock.sleep(for: .milliseconds(10))
    }
    throw Failed(description: "waited too long: \(what)")
}

func thrown(_ body: () async throws -> Void) async -> TrafficError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? TrafficError
    }
}
