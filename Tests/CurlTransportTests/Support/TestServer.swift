import CurlTransport
import Foundation
import Testing

/// Runs `server.py` for as long as the test process lives; its end closes the server's standard input.
final class TestServer: Sendable {
    /// Names the listeners that the server reports.
    struct Ports: Decodable, Sendable {
        var plain, good, old, expired, elsewhere, unknown, selfsigned, mutual: Int
        var raw, echo, busy, refused, http2, http2TLS: Int
    }

    /// Chooses a listener by its certificate; `raw` has none and speaks first, and `old` speaks TLS 1.2 at most.
    enum TLSListener: Sendable {
        case raw, good, old, expired, elsewhere, unknown, selfsigned, mutual
    }

    struct StartFailure: Error {
        var reason: String
    }

    private static let started = Result { try TestServer() }

    static var shared: TestServer {
        get throws { try started.get() }
    }

    /// Says why HTTP/2 is not tested here, if it is not.
    static var isHTTP2Available: Bool {
        ((try? shared.ports.http2) ?? 0) != 0
    }

    let ports: Ports
    let directory: String
    /// Serves the requests that coordinate tests with the server, apart from what is tested.
    let control: CurlTransport
    /// Keeps the server going.
    private let standardInput: Pipe

    private init() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("transport-\(UUID().uuidString)")
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
        control = try CurlTransport(configuration: .init(maxConnectionsPerHost: 200))
    }

    func file(_ name: String) -> String {
        "\(directory)/\(name)"
    }

    func url(_ path: String) -> String {
        "http://127.0.0.1:\(ports.plain)/\(path)"
    }

    func url(_ path: String, tls listener: TLSListener) -> String {
        "https://localhost:\(port(of: listener))/\(path)"
    }

    private func port(of listener: TLSListener) -> Int {
        switch listener {
        case .raw: ports.raw
        case .good: ports.good
        case .old: ports.old
        case .expired: ports.expired
        case .elsewhere: ports.elsewhere
        case .unknown: ports.unknown
        case .selfsigned: ports.selfsigned
        case .mutual: ports.mutual
        }
    }

    /// Waits until the server has set a mark; returns its value.
    @discardableResult
    func wait(for mark: String) async throws -> String {
        let response = try await control.send(HTTPRequest(url: url("wait/\(mark)")))
        return String(decoding: response.body, as: UTF8.self)
    }

    /// Sets a mark that the server may be waiting for.
    func set(_ mark: String) async throws {
        _ = try await control.send(HTTPRequest(url: url("set/\(mark)")))
    }
}

/// Holds what the server's `echo` saw of a request.
struct Echo: Decodable {
    var method: String
    var path: String
    var headers: [[String]]
    var connection: Int
    var length: Int
    var serverName: String?
    var subject: [String]

    enum CodingKeys: String, CodingKey {
        case method, path, headers, connection, length, subject
        case serverName = "server_name"
    }

    init(_ response: HTTPResponse) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(response.body))
    }

    func values(for name: String) -> [String] {
        headers.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
    }
}

/// Returns the bytes that the server's `bytes` and `flow` send.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8($0 % 251 * 7 % 251) }
}

/// Returns a name that no other test uses.
func uniqueName() -> String {
    UUID().uuidString
}

/// Runs a body that must fail, and returns its error.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws(TransportError) -> Value
) async throws -> TransportError {
    do throws(TransportError) {
        let value = try await body()
        Issue.record("returned \(value) instead of failing", sourceLocation: sourceLocation)
        throw TransportError(code: .internal, detail: "no failure")
    } catch {
        return error
    }
}

/// Holds every test of the transport; they run one after another, since some of them measure time.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TransportTests {}
