import CurlTransport
import Foundation
import Glibc
import LXDClient
import Testing
import Workflow

/// Runs `server.py` for as long as the test process lives; its end closes the server's standard input.
final class ScriptedServer: Sendable {
    struct Ports: Decodable, Sendable {
        var here, elsewhere, refused: Int
    }

    struct StartFailure: Error {
        var reason: String
    }

    private static let started = Result { try ScriptedServer() }

    static var shared: ScriptedServer {
        get throws { try started.get() }
    }

    let ports: Ports
    let directory: String
    private let transport: CurlTransport
    /// Keeps the server going.
    private let standardInput: Pipe

    private init() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("lxd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("server.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path, directory.path]
        standardInput = Pipe()
        let standardOutput = Pipe()
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        try process.run()
        var line = Data()
        while line.last != 10 {
            let more = standardOutput.fileHandleForReading.availableData
            if more.isEmpty { throw StartFailure(reason: "server.py ended without saying where it listens") }
            line += more
        }
        ports = try JSONDecoder().decode(Ports.self, from: line)
        self.directory = directory.path
        transport = try CurlTransport()
    }

    /// A port of the loopback address that nobody uses at the moment.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard status == 0 else { throw StartFailure(reason: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func file(_ name: String) -> String { "\(directory)/\(name)" }

    /// A client over the Unix socket.
    func client(
        timeout: Span = .seconds(10), project: String = "default", clock: any WorkflowClock = RealClock(),
        onRequest: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> LXDClient {
        let settings = LXDSettings(endpoint: .socket(file("lxd.socket")), project: project, timeout: timeout)
        return LXDClient(settings: settings, transport: try CurlTransport(), clock: clock, onRequest: onRequest)
    }

    /// A client over HTTPS.
    func remote(
        _ url: String, certificate: String = "client.crt", key: String = "client.key", server: String? = "here.crt",
        name: String? = nil
    ) throws -> LXDClient {
        let remote = LXDSettings.Remote(
            url: url, clientCertificateFile: path(certificate), clientKeyFile: path(key),
            serverCertificateFile: server.map(path), serverName: name)
        let settings = LXDSettings(endpoint: .remote(remote))
        return LXDClient(settings: settings, transport: try CurlTransport(), clock: RealClock())
    }

    private func path(_ name: String) -> String { name.hasPrefix("/") ? name : file(name) }

    /// Says how requests for a path, with their method, are answered.
    func script(_ request: String, _ answers: Answer...) async throws {
        try await script(request, answers)
    }

    func script(_ request: String, _ answers: [Answer]) async throws {
        let body = try JSONEncoder().encode([request: answers])
        #expect(try await control("script", Array(body)).status == 200)
    }

    /// The requests for a path so far.
    func log(_ request: String) async throws -> [Logged] {
        try JSONDecoder().decode([Logged].self, from: Data(await control("log", Array(request.utf8)).body))
    }

    private func control(_ path: String, _ body: [UInt8]) async throws -> HTTPResponse {
        let options = HTTPOptions(unixSocketPath: file("lxd.socket"))
        return try await transport.send(
            HTTPRequest(method: "POST", url: "http://control/\(path)", body: body, options: options))
    }
}

/// What the server saw of a request.
struct Logged: Decodable {
    var query: String
    var headers: [String: String]
    var body: String
    var connection: Int
}

/// How the server answers.
struct Answer: Encodable {
    var status: Int? = 200
    var headers: [String: String] = [:]
    var body: LXDValue = .text("")
    var then = "stay"
    var delayMilliseconds = 0

    static func sync(_ metadata: LXDValue, etag: String? = nil) -> Answer {
        Answer(
            headers: etag.map { ["ETag": $0] } ?? [:],
            body: .object(["type": .text("sync"), "status_code": .integer(200), "metadata": metadata]))
    }

    static func async(_ id: String, status: Int = 103) -> Answer {
        Answer(
            status: 202, body: .object(["type": .text("async"), "metadata": operation(id, status)]))
    }

    static func error(_ status: Int, _ text: String = "as the script says", code: Int? = nil) -> Answer {
        Answer(
            status: status,
            body: .object([
                "type": .text("error"), "error": .text(text), "error_code": .integer(code ?? status), "metadata": .null,
            ]))
    }

    static func broken(_ then: String) -> Answer { Answer(status: nil, then: then) }

    /// An operation that was asked for by waiting.
    static func waited(_ id: String, _ status: Int, error: String = "", instance: String? = nil) -> Answer {
        .sync(operation(id, status, error: error, instance: instance))
    }

    static func operation(
        _ id: String, _ status: Int, error: String = "", instance: String? = nil
    ) -> LXDValue {
        .object([
            "id": .text(id), "class": .text("task"), "status_code": .integer(status), "err": .text(error),
            "metadata": .null, "location": .text("none"), "may_cancel": .boolean(false),
            "resources": instance.map { .object(["instances": .list([.text("/1.0/instances/\($0)")])]) } ?? .null,
        ])
    }
}

/// Returns a name that no other test uses.
func uniqueName(_ prefix: String = "client") -> String {
    "\(prefix)-\(UInt64.random(in: .min ... .max))"
}

/// Runs a body that must fail, and returns its error.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws(LXDError) -> Value
) async throws -> LXDError {
    do throws(LXDError) {
        let value = try await body()
        Issue.record("returned \(value) instead of failing", sourceLocation: sourceLocation)
        throw LXDError(.failed, request: "", detail: "no failure")
    } catch {
        return error
    }
}

extension Answer {
    /// What a server says of itself.
    static func server(extensions: [String] = [], authentication: String = "trusted") -> Answer {
        .sync(
            .object([
                "auth": .text(authentication), "api_extensions": .list(extensions.map { .text($0) }),
            ]))
    }
}

/// Collects what a client tells.
final class Recorder: @unchecked Sendable {
    // All mutable state is touched under the lock only.
    private let lock = NSLock()
    private var collected: [String] = []

    var values: [String] { lock.withLock { collected } }

    func append(_ value: String) { lock.withLock { collected.append(value) } }
}
