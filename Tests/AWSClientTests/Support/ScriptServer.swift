import CurlTransport
import Foundation

/// Runs `server.py` for as long as the test process lives; its end closes the server's standard input.
final class ScriptServer: Sendable {
    /// One answer of a script.
    struct Step: Encodable {
        var status = 200
        var headers: [String: String] = [:]
        var body = ""
        var fault: String?
    }

    /// One request that the server saw.
    struct Seen: Decodable {
        var method: String
        var path: String
        var headers: [String: String]
        var body: String
        var connection: Int

        func value(_ name: String) -> String? {
            headers.first { $0.key.lowercased() == name.lowercased() }?.value
        }
    }

    private static let started = Result { try ScriptServer() }

    static var shared: ScriptServer {
        get throws { try started.get() }
    }

    let port: Int
    private let control: CurlTransport
    /// Keeps the server going.
    private let standardInput = Pipe()

    private init() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", Oracle.folder.appendingPathComponent("server.py").path]
        let output = Pipe()
        process.standardInput = standardInput
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 10 {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Oracle.Failure(description: "server.py ended at once: run scripts/setup test") }
            line += more
        }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw Oracle.Failure(description: "server.py did not say its port")
        }
        self.port = port
        control = try CurlTransport()
    }

    var base: String { "http://127.0.0.1:\(port)" }

    /// Sets the answers below a new name, which is returned.
    func script(_ steps: [Step]) async throws -> String {
        let name = UUID().uuidString
        let body = Array(try JSONEncoder().encode(steps))
        _ = try await control.send(HTTPRequest(method: "POST", url: "\(base)/script/\(name)", body: body))
        return name
    }

    /// What was asked below a name.
    func log(_ name: String) async throws -> [Seen] {
        try await seen("\(base)/log/\(name)")
    }

    /// Waits until so many requests have come below a name.
    func wait(_ name: String, count: Int) async throws -> [Seen] {
        try await seen("\(base)/wait/\(name)/\(count)")
    }

    /// Lets an answer that hangs go on.
    func release(_ name: String) async throws {
        _ = try await control.send(HTTPRequest(url: "\(base)/release/\(name)"))
    }

    private func seen(_ url: String) async throws -> [Seen] {
        let response = try await control.send(HTTPRequest(url: url))
        return try JSONDecoder().decode([Seen].self, from: Data(response.body))
    }
}
