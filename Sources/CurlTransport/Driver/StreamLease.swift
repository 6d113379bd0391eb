/// Keeps a streamed transfer going for as long as somebody may read it.
final class StreamLease: Sendable {
    private let id: UInt64
    private let buffer: StreamBuffer
    /// Keeps the transport from shutting down because its last other user has gone.
    private let transport: CurlTransport

    init(id: UInt64, buffer: StreamBuffer, transport: CurlTransport) {
        self.id = id
        self.buffer = buffer
        self.transport = transport
    }

    deinit {
        transport.inbox.post(.cancel(id))
    }

    func next() async throws(TransportError) -> [UInt8]? {
        let inbox = transport.inbox
        return try await withTaskCancellationHandler {
            await buffer.next { inbox.post(.unpause(id)) }
        } onCancel: {
            inbox.post(.cancel(id))
        }.get()
    }
}
