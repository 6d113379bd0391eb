/// Is what a server answers to the request for a web socket.
public enum WebSocketAnswer: Sendable {
    /// The server agreed.
    case opened(WebSocket)
    /// The server answered with another status than 101; at most the first 64 KiB of the body are kept.
    case refused(HTTPResponse)
}

/// Holds what the driver answers to the request for a web socket.
struct WebSocketOpening: Sendable {
    var response: HTTPResponse
    var isOpen: Bool
}

/// Sends and receives messages over one connection (RFC 6455).
///
/// Pings are answered and fragments joined by itself. At most ``CurlTransport/Configuration/streamBufferBytes`` and one
/// read's messages wait here for their consumer; then nothing more is read, so that the server feels the consumer's pace
/// (its pings wait too). Cancelling a task that waits in one of the methods, and dropping the last reference, end the
/// connection without a word.
public final class WebSocket: Sendable {
    /// Holds the server's answer, status 101 and its header fields.
    public let head: HTTPResponse
    private let id: UInt64
    private let channel: WebSocketChannel
    /// Keeps the transport from shutting down because its last other user has gone.
    private let transport: CurlTransport

    init(id: UInt64, channel: WebSocketChannel, transport: CurlTransport, head: HTTPResponse) {
        self.id = id
        self.channel = channel
        self.transport = transport
        self.head = head
    }

    deinit {
        transport.inbox.post(.cancel(id))
    }

    /// Waits for the next message; returns `nil` once either side has closed.
    ///
    /// One task at a time may wait.
    ///
    /// - Throws: Why the web socket ended, after the messages that arrived before: ``TransportError/Code/reset`` if the
    ///   peer went without closing, ``TransportError/Code/tooLarge`` after a message over its cap,
    ///   ``TransportError/Code/protocolError`` after a wrong frame.
    public func receive() async throws(TransportError) -> WebSocketMessage? {
        try await cancelling { [inbox = transport.inbox, id] in
            await channel.receive { inbox.post(.unpause(id)) }
        }.get()
    }

    /// Sends a message in one frame, and returns once all of it was handed to the system.
    ///
    /// - Throws: Why the web socket ended; ``TransportError/Code/reset`` also when either side has closed it.
    public func send(_ message: WebSocketMessage) async throws(TransportError) {
        let frame =
            switch message {
            case .text(let bytes): WebSocketFrame.encode(.text, bytes)
            case .binary(let bytes): WebSocketFrame.encode(.binary, bytes)
            }
        try await cancelling { [inbox = transport.inbox, id] in
            await channel.send(frame) { inbox.post(.unpause(id)) }
        }.get()
    }

    /// Closes: sends what was given to ``send(_:)`` before and a close frame, and waits, at most
    /// ``WebSocketOptions/closeTimeout``, until the peer has closed too.
    ///
    /// Messages that were not received yet are dropped. Closing again waits for the same end.
    public func close(_ close: WebSocketClose = WebSocketClose()) async {
        await cancelling { [inbox = transport.inbox, id] in
            await channel.close(close) { inbox.post(.unpause(id)) }
        }
    }

    /// Holds the code and reason with which the peer closed, once it has.
    public var peerClose: WebSocketClose? { channel.peerClose }

    private func cancelling<Value: Sendable>(_ body: () async -> Value) async -> Value {
        await withTaskCancellationHandler {
            await body()
        } onCancel: { [inbox = transport.inbox, id] in
            inbox.post(.cancel(id))
        }
    }
}
