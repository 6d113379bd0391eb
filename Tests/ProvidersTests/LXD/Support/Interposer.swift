import LXDClient
import Workflow

@testable import Providers

/// Passes calls on to a real server, writes files of its own before those of first boot, and breaks calls off.
final class Interposer: LXDCalling {
    private let client: any LXDCalling
    private let files: LockedValue<[LXDFile]>
    private let broken: LockedValue<Set<String>>

    /// `broken` has the labels of changes whose answers are lost once, such as `POST instances`.
    init(_ client: any LXDCalling, files: [LXDFile] = [], broken: Set<String> = []) {
        self.client = client
        self.files = LockedValue(files)
        self.broken = LockedValue(broken)
    }

    var location: String { client.location }

    func server() async throws(LXDError) -> LXDServer { try await client.server() }

    func read<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> LXDReading<Value> {
        try await client.read(resource, as: type)
    }

    func send(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
    ) async throws(LXDError) -> LXDOperation? {
        let operation = try await client.send(method, resource, body, version: version)
        let label = "\(method.rawValue) \(resource.path.filter { !$0.hasPrefix("prov-") }.joined(separator: "/"))"
        let isBroken = broken.withLock { $0.remove(label) != nil }
        guard !isBroken else {
            throw LXDError(.unavailable, request: label, detail: "the answer was lost", isUncertain: true)
        }
        return operation
    }

    func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation {
        try await client.finish(operation, within: limit)
    }

    func file(_ path: String, of instance: String, limitBytes: Int) async throws(LXDError) -> [UInt8]? {
        try await client.file(path, of: instance, limitBytes: limitBytes)
    }

    func write(_ file: LXDFile, to instance: String) async throws(LXDError) {
        let own = files.withLock { files in
            defer { files = [] }
            return files
        }
        for file in own { try await client.write(file, to: instance) }
        try await client.write(file, to: instance)
    }

    func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String? {
        try await client.text(resource, limitBytes: limitBytes)
    }

    func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket {
        try await client.socket(of: operation, secret: secret)
    }
}
