internal import Dispatch
internal import Foundation
internal import Synchronization

/// An HTTP/1.1 server on the loopback network with a thread for each connection.
///
/// `stop` ends every connection and returns once every thread has ended.
public final class LoopbackServer: Sendable {
    /// What becomes of a connection that has sent a request.
    public enum Reply: Sendable {
        /// It gets an answer and is kept.
        case answer(HTTPAnswer)
        /// It gets the first bytes of an answer whose head promises all of it, and is closed.
        case cut(HTTPAnswer, afterBytes: Int)
        /// It is reset.
        case reset
        /// It gets nothing, until the other side gives up.
        case silence
    }

    private struct Connections {
        var open: Set<LoopbackSocket> = []
        var isStopped = false
    }

    /// The port at which it listens.
    public let port: Int
    private let listener: LoopbackSocket
    private let connections = Mutex(Connections())
    private let threads = DispatchGroup()
    private let handler: @Sendable (HTTPMessage) -> Reply

    /// Starts a server; `handler` is called on the connection's own thread.
    public init(
        address: String = "127.0.0.1", port: Int = 0, handler: @escaping @Sendable (HTTPMessage) -> Reply
    ) throws {
        listener = try LoopbackSocket.listening(at: address, port: port)
        self.port = listener.port
        self.handler = handler
        run { [self] in
            while let connection = listener.accepted() {
                guard admit(connection) else { connection.close(); continue }
                run { [self] in
                    serve(connection)
                    release(connection)
                }
            }
        }
    }

    /// Ends every connection and waits for every thread; harmless when repeated.
    public func stop() {
        let open = connections.withLock { state -> Set<LoopbackSocket>? in
            defer { state.isStopped = true }
            return state.isStopped ? nil : state.open
        }
        guard let open else { return }
        listener.shutDown()
        for connection in open { connection.shutDown() }
        threads.wait()
        listener.close()
    }

    private func run(_ body: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [threads] in
            body()
            threads.leave()
        }
        thread.stackSize = 512 << 10
        thread.start()
    }

    private func admit(_ connection: LoopbackSocket) -> Bool {
        connections.withLock { state in
            if !state.isStopped { state.open.insert(connection) }
            return !state.isStopped
        }
    }

    /// Closes under the lock, so that `stop` never shuts down a descriptor that has become somebody else's.
    private func release(_ connection: LoopbackSocket) {
        connections.withLock { state in
            state.open.remove(connection)
            connection.close()
        }
    }

    private func serve(_ connection: LoopbackSocket) {
        var reader = HTTPReader(connection)
        while let request = reader.request() {
            switch handler(request) {
            case .answer(let answer):
                guard connection.send(answer.bytes), request["Connection"]?.lowercased() != "close" else { return }
            case .cut(let answer, let count):
                connection.send(Array(answer.bytes.prefix(answer.bytes.count - answer.body.count + count)))
                return
            case .reset: return connection.resetWhenClosed()
            case .silence:
                while !connection.receive().isEmpty {}
                return
            }
        }
    }
}

/// Sends single requests to a server on the loopback network.
enum LoopbackClient {
    /// Sends a request and waits for the answer, for 60 seconds at most; `nil` when there is none.
    static func exchange(_ request: HTTPMessage, port: Int) -> HTTPAnswer? {
        guard let socket = try? LoopbackSocket.connected(to: "127.0.0.1", port: port) else { return nil }
        defer { socket.close() }
        socket.limitReading(toSeconds: 60)
        var head = "\(request.method) \(request.target) HTTP/1.1\r\n"
        let replaced: Set = ["connection", "content-length", "expect"]
        for field in request.fields where !replaced.contains(field.name.lowercased()) {
            head += "\(field.name): \(field.value)\r\n"
        }
        head += "Content-Length: \(request.body.count)\r\nConnection: close\r\n\r\n"
        guard socket.send(Array(head.utf8) + request.body) else { return nil }
        var reader = HTTPReader(socket)
        return reader.answer()
    }
}
