import CCurl

/// Sends frames, one after another, through memory that does not move: a TLS library that could not send a piece wants
/// the same address again.
///
/// Confined to the driver thread.
final class WebSocketOutput {
    private static let pieceBytes = 16 * 1024

    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
    /// Holds what of the piece is not sent yet.
    private var unsent = 0..<0
    /// Holds the frame that the pieces are taken from, and how much of it was.
    private var frame: [UInt8] = []
    private var taken = 0
    private var sender: WebSocketChannel.Sender?
    /// Holds the close frame, until it is begun.
    private var last: [UInt8]?
    /// Tells whether a close frame was queued, after which nothing else is.
    private var isEnding = false
    /// Holds the payload of the pong that is due; an earlier one that was not sent need not be (RFC 6455, 5.5.3).
    private var pong: [UInt8]?

    deinit {
        piece.deallocate()
    }

    /// Tells whether bytes of a frame wait to be sent.
    var hasMore: Bool { !unsent.isEmpty || taken < frame.count || pong != nil || last != nil }

    /// Begins a frame; the one before it must have been sent.
    func fill(_ frame: [UInt8], for sender: WebSocketChannel.Sender? = nil) {
        self.frame = frame
        self.sender = sender
        taken = 0
    }

    /// Queues the close frame, which nothing follows.
    func appendLast(_ frame: [UInt8]) {
        last = frame
        isEnding = true
        pong = nil
    }

    func setPong(_ payload: [UInt8]) {
        if !isEnding { pong = payload }
    }

    /// Sends one piece; `CURLE_AGAIN` when the system takes nothing more.
    func send(_ easy: EasyHandle) -> CURLcode {
        if unsent.isEmpty { takePiece() }
        guard !unsent.isEmpty, let base = piece.baseAddress else { return CURLE_OK }
        var count = 0
        let status = curl_easy_send(easy.raw, base + unsent.lowerBound, unsent.count, &count)
        if status == CURLE_OK { unsent = unsent.lowerBound + count..<unsent.upperBound }
        if unsent.isEmpty, taken == frame.count { frameWasSent() }
        return status
    }

    private func takePiece() {
        if taken == frame.count {
            // Between two frames is where control frames go.
            if let payload = pong {
                pong = nil
                fill(WebSocketFrame.encode(.pong, payload))
            } else if let close = last {
                last = nil
                fill(close)
            }
        }
        let count = min(frame.count - taken, Self.pieceBytes)
        frame[taken..<taken + count].withUnsafeBytes { piece.copyMemory(from: $0) }
        taken += count
        unsent = 0..<count
    }

    private func frameWasSent() {
        frame = []
        taken = 0
        sender?.resume(returning: .success(()))
        sender = nil
    }

    /// Tells whoever waits for a frame to be sent that it will not be.
    func abandon(_ error: TransportError) {
        sender?.resume(returning: .failure(error))
        sender = nil
    }
}
