import CurlTransport
import Foundation
import Testing

/// Runs `websocket_server.py` for as long as the test process lives; its end closes the server's standard input.
final class WebSocketServer: Sendable {
    struct Ports: Decodable, Sendable {
        var plain, secured: Int
    }

    /// Holds one frame that the server received, its payload in hexadecimal digits.
    struct Frame: Equatable {
        var opcode: Int
        var payload: String
    }

    private static let started = Result { try WebSocketServer() }

    static var shared: WebSocketServer {
        get throws { try started.get() }
    }

    let ports: Ports
    let directory: String
    private let control: CurlTransport
    /// Keeps the server going.
    private let standardInput: Pipe

    private init() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ws-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("websocket_server.py")
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
            if more.isEmpty {
                throw TestServer.StartFailure(reason: "websocket_server.py ended without saying where it listens")
            }
            line += more
        }
        ports = try JSONDecoder().decode(Ports.self, from: line)
        self.directory = directory.path
        control = try CurlTransport(configuration: .init(maxConnectionsPerHost: 200))
    }

    func file(_ name: String) -> String { "\(directory)/\(name)" }

    func request(_ path: String) -> HTTPRequest {
        HTTPRequest(url: "http://127.0.0.1:\(ports.plain)/\(path)")
    }

    func secured(_ path: String) -> HTTPRequest {
        let tls = TLSOptions(
            caFile: file("server.pem"), clientCertificateFile: file("client.pem"), clientKeyFile: file("client.key"))
        return HTTPRequest(url: "https://localhost:\(ports.secured)/\(path)", options: HTTPOptions(tls: tls))
    }

    /// Waits until the server has set a mark; returns the frames that it received, where it keeps them.
    @discardableResult
    func wait(for mark: String) async throws -> [Frame] {
        let body = try await control.send(request("wait/\(mark)")).body
        let frames = try JSONSerialization.jsonObject(with: Data(body)) as? [[Any]] ?? []
        return frames.compactMap { frame in
            guard let opcode = frame[0] as? Int, let payload = frame[1] as? String else { return nil }
            return Frame(opcode: opcode, payload: payload)
        }
    }

    func set(_ mark: String) async throws {
        _ = try await control.send(request("set/\(mark)"))
    }
}

extension CurlTransport {
    /// Opens a web socket that must not be refused.
    func opened(_ request: HTTPRequest, options: WebSocketOptions = .init()) async throws -> WebSocket {
        switch try await webSocket(request, options: options) {
        case .opened(let socket): return socket
        case .refused(let response):
            Issue.record("refused with \(response.status)")
            throw TransportError(code: .internal, detail: "refused")
        }
    }
}
