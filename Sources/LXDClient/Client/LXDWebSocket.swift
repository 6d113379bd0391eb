internal import CurlTransport

/// A web socket of an operation.
///
/// LXD (5.0.2) never sends a close frame: after an empty message, where there is one, it drops the connection, which may
/// show as a reset. So that is an ordinary end here, and whether the connection was lost before is for the operation to
/// tell.
struct LXDWebSocket: LXDSocket {
    let socket: WebSocket
    let label: String

    func receive() async throws(LXDError) -> [UInt8]? {
        do throws(TransportError) {
            return try await socket.receive()?.bytes
        } catch {
            if error.code == .reset { return nil }
            throw failure(error)
        }
    }

    func send(_ bytes: [UInt8], isText: Bool) async throws(LXDError) {
        do throws(TransportError) {
            try await socket.send(isText ? .text(bytes) : .binary(bytes))
        } catch {
            throw failure(error)
        }
    }

    func close() async {
        await socket.close()
    }

    private func failure(_ error: TransportError) -> LXDError {
        switch error.code {
        case .cancelled, .shutdown: LXDError(.cancelled, request: label, detail: error.detail)
        case .tooLarge, .protocolError: LXDError(.malformedAnswer, request: label, detail: error.detail)
        default: LXDError(.unavailable, request: label, detail: error.detail)
        }
    }
}
