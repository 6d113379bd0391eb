import Foundation
import LXDClient
import Workflow

/// A server that starts one exec, whose sockets and end the test plays.
final class ExecDouble: LXDCalling, @unchecked Sendable {
    let location = "in a script"
    let input = SocketDouble()
    let output = SocketDouble()
    let errorOutput = SocketDouble()
    let control = SocketDouble()
    private let ends = Queue<Result<LXDOperation, LXDError>>()
    private let lock = NSLock()
    private var requests: [LXDValue] = []
    private var refusal: LXDError?

    /// The marker in the request, once there is one.
    var marker: String {
        guard case .list(let texts) = body["command"], texts.count > 4, case .text(let marker) = texts[4] else {
            return ""
        }
        return marker
    }

    /// The body of the exec request.
    var body: [String: LXDValue] {
        guard case .object(let body) = lock.withLock({ requests.first }) else { return [:] }
        return body
    }

    /// Has the server refuse the exec.
    func refuse(_ error: LXDError) { lock.withLock { refusal = error } }

    /// Has the exec end in the server's eyes.
    func end(_ result: Result<LXDOperation, LXDError>) { ends.add(result) }

    /// Reports something as the script does.
    func report(_ words: String) { errorOutput.add("\(marker) \(words)\n") }

    /// Has the command end as it does ordinarily.
    func finish(_ code: Int) {
        report("ended \(code)")
        output.add("")
        errorOutput.add("")
        end(.success(Self.operation(code)))
    }

    static func operation(_ code: Int) -> LXDOperation {
        LXDOperation(id: "1", statusCode: 200, metadata: .object(["return": .integer(code)]))
    }

    static func error(_ code: LXDError.Code) -> LXDError {
        LXDError(code, request: "POST /1.0/instances/web/exec", detail: "said no")
    }

    func send(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
    ) async throws(LXDError) -> LXDOperation? {
        let refusal = lock.withLock {
            requests.append(body ?? .null)
            return self.refusal
        }
        if let refusal { throw refusal }
        guard resource == LXDResource("instances", "web", "exec"), method == .post else { throw Self.error(.notFound) }
        let fds = ["0": "secret-0", "1": "secret-1", "2": "secret-2", "control": "secret-c"]
        return LXDOperation(id: "1", statusCode: 103, metadata: .object(["fds": .texts(fds)]))
    }

    func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket {
        switch secret {
        case "secret-0": return input
        case "secret-1": return output
        case "secret-2": return errorOutput
        case "secret-c": return control
        default: throw Self.error(.notFound)
        }
    }

    func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation {
        guard let end = await ends.next() else { throw Self.error(.cancelled) }
        return try end.get()
    }

    func server() async throws(LXDError) -> LXDServer { throw Self.error(.unsupported) }
    func read<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> LXDReading<Value> { throw Self.error(.unsupported) }
    func file(_ path: String, of instance: String, limitBytes: Int) async throws(LXDError) -> [UInt8]? { nil }
    func write(_ file: LXDFile, to instance: String) async throws(LXDError) { throw Self.error(.unsupported) }
    func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String? { nil }
}

/// A socket whose peer is the test.
final class SocketDouble: LXDSocket, @unchecked Sendable {
    struct Sent: Hashable {
        var text: String
        var isText: Bool
    }

    private let inbox = Queue<Result<[UInt8]?, LXDError>>()
    private let lock = NSLock()
    private var all: [Sent] = []
    private var closings = 0
    private var reaction: @Sendable () -> Void = {}

    var sent: [Sent] { lock.withLock { all } }
    var isClosed: Bool { lock.withLock { closings > 0 } }

    /// Does something whenever the runner sends.
    func onSend(_ reaction: @escaping @Sendable () -> Void) { lock.withLock { self.reaction = reaction } }
    func add(_ text: String) { inbox.add(.success(Array(text.utf8))) }
    func add(_ bytes: [UInt8]) { inbox.add(.success(bytes)) }
    func hangUp() { inbox.add(.success(nil)) }
    func fail(_ error: LXDError) { inbox.add(.failure(error)) }

    func receive() async throws(LXDError) -> [UInt8]? {
        guard let next = await inbox.next() else { throw ExecDouble.error(.cancelled) }
        return try next.get()
    }

    func send(_ bytes: [UInt8], isText: Bool) async throws(LXDError) {
        let reaction = lock.withLock {
            all.append(Sent(text: String(decoding: bytes, as: UTF8.self), isText: isText))
            return self.reaction
        }
        reaction()
    }

    func close() async { lock.withLock { closings += 1 } }
}

/// Values that one task waits for; `nil` once it is cancelled.
final class Queue<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func add(_ value: Value) { continuation.yield(value) }

    func next() async -> Value? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }
}
