import CCurl

/// Drives a web socket over a connection that libcurl made.
///
/// Confined to the driver thread.
final class WebSocketSession {
    /// Says how far the web socket is.
    private enum Phase {
        case upgrading(WebSocketUpgrade)
        case refused(WebSocketUpgrade)
        case open
    }

    /// Bounds the reads and writes per step, so that no web socket keeps the driver from the others.
    private static let maxCallsPerStep = 16
    private static let readBytes = 16 * 1024

    let socket: curl_socket_t
    private let plan: WebSocketPlan
    private let channel: WebSocketChannel
    private let easy: EasyHandle
    private var phase: Phase
    private var decoder: WebSocketDecoder
    private let output = WebSocketOutput()
    private var bytes = [UInt8](repeating: 0, count: WebSocketSession.readBytes)
    /// Tells whether the last read may have left bytes that the TLS library has decrypted already, for which the socket
    /// never becomes readable.
    private var mayHaveMore = true
    private var fault: TransportError?
    private var hasPeerClosed = false
    /// Tells whether a close frame was queued, after which nothing else is sent.
    private(set) var isClosing = false
    private(set) var openHead: ResponseHead?

    init(_ plan: WebSocketPlan, channel: WebSocketChannel, easy: EasyHandle, socket: curl_socket_t) {
        self.plan = plan
        self.channel = channel
        self.easy = easy
        self.socket = socket
        phase = .upgrading(WebSocketUpgrade(plan))
        decoder = WebSocketDecoder(maxMessageBytes: plan.options.maxMessageBytes)
        output.fill(plan.upgrade)
    }

    /// Holds the answer's head and, after a refusal, its body; `nil` until there is an answer.
    var answer: (head: ResponseHead, body: [UInt8], isOpen: Bool)? {
        if let openHead { return (openHead, [], true) }
        if case .refused(let upgrade) = phase { return (upgrade.head, upgrade.body, false) }
        return nil
    }

    /// Holds the `CURL_WAIT_…` events to wait for; none while the user has to make room.
    var events: Int16 {
        var events: Int32 = 0
        if output.hasMore || channel.hasOutgoing { events |= CURL_WAIT_POLLOUT }
        if mayRead { events |= CURL_WAIT_POLLIN }
        return Int16(events)
    }

    /// Tells whether a step may find bytes without waiting for the socket.
    var isReady: Bool { mayHaveMore && mayRead }

    private var mayRead: Bool {
        guard fault == nil, !hasPeerClosed else { return false }
        return openHead == nil || channel.hasRoom()
    }

    /// Sends and receives as much as is possible without waiting.
    func step() -> RawSession.Step {
        if let end = sendStep() { return end }
        if let end = receiveStep() { return end }
        // Pongs and closes that the bytes received call for.
        if let end = sendStep() { return end }
        guard !output.hasMore, isClosing else { return .waiting }
        if let fault { return .failed(fault) }
        return hasPeerClosed ? .finished : .waiting
    }

    // MARK: Sending

    private func sendStep() -> RawSession.Step? {
        for _ in 0..<Self.maxCallsPerStep {
            if !output.hasMore { queueNext() }
            guard output.hasMore else { return nil }
            switch output.send(easy) {
            case CURLE_OK: break
            case CURLE_AGAIN: return nil
            case let status: return sendFailure(status)
            }
        }
        return nil
    }

    private func queueNext() {
        guard openHead != nil, !isClosing else { return }
        if fault == nil, !hasPeerClosed, let next = channel.takeOutgoing() {
            output.fill(next.frame, for: next.sender)
        } else if let closing = channel.closing, fault == nil, !hasPeerClosed {
            queueClose(closing)
        }
    }

    private func queueClose(_ close: WebSocketClose) {
        guard !isClosing else { return }
        isClosing = true
        output.appendLast(WebSocketFrame.encode(close))
    }

    /// Ends as the peer did, if it said how before it went.
    private func sendFailure(_ status: CURLcode) -> RawSession.Step {
        if let fault { return .failed(fault) }
        if hasPeerClosed { return .finished }
        switch receiveStep() {
        case .finished: return .finished
        case .failed(let error): return .failed(error)
        case .waiting, .curlFailed, nil: break
        }
        if hasPeerClosed { return .finished }
        return .curlFailed(status)
    }

    // MARK: Receiving

    private func receiveStep() -> RawSession.Step? {
        for _ in 0..<Self.maxCallsPerStep {
            guard mayRead else { return nil }
            var count = 0
            let status = bytes.withUnsafeMutableBytes { bytes in
                curl_easy_recv(easy.raw, bytes.baseAddress, bytes.count, &count)
            }
            mayHaveMore = status == CURLE_OK
            if status == CURLE_AGAIN { return nil }
            if status != CURLE_OK { return isClosing ? .finished : .curlFailed(status) }
            if count == 0 { return endOfStream() }
            do throws(TransportError) {
                try take(bytes[..<count])
            } catch {
                return .failed(error)
            }
            if case .refused = phase { return .finished }
        }
        return nil
    }

    private func take(_ received: ArraySlice<UInt8>) throws(TransportError) {
        switch phase {
        case .upgrading(var upgrade):
            let progress = try upgrade.append(received)
            switch progress {
            case .incomplete: phase = .upgrading(upgrade)
            case .refused: phase = .refused(upgrade)
            case .open(let rest):
                phase = .open
                openHead = upgrade.head
                decode(rest)
            }
        case .open: decode(received)
        case .refused: break
        }
    }

    private func decode(_ received: ArraySlice<UInt8>) {
        guard !hasPeerClosed else { return }
        do throws(WebSocketDecoder.Fault) {
            try decoder.decode(received) { event in
                // What follows a close is not the peer's any more.
                guard !hasPeerClosed else { return }
                switch event {
                case .message(let message): channel.append(message)
                case .ping(let payload): output.setPong(payload)
                case .pong: break
                case .close(let close): acceptClose(close)
                }
            }
        } catch {
            guard !hasPeerClosed else { return }
            fault = TransportError(
                code: error.closeCode == 1009 ? .tooLarge : .protocolError,
                detail: "\(plan.http.target): \(error.words)"
            )
            queueClose(WebSocketClose(code: error.closeCode))
        }
    }

    /// Answers the peer's close with the same code, unless ours was first.
    private func acceptClose(_ close: WebSocketClose) {
        hasPeerClosed = true
        channel.notePeerClose(close)
        queueClose(WebSocketClose(code: close.code))
    }

    private func endOfStream() -> RawSession.Step {
        if case .upgrading(var upgrade) = phase {
            do throws(TransportError) {
                if try upgrade.end() {
                    phase = .refused(upgrade)
                    return .finished
                }
            } catch {
                return .failed(error)
            }
        }
        if isClosing { return .finished }
        let words = openHead == nil ? "the peer closed before it answered" : "the peer closed without saying so"
        return .failed(TransportError(code: .reset, detail: "\(plan.http.target): \(words)"))
    }

    /// Says how the web socket ends when the peer did not take part in closing it in time.
    var lateEnd: Result<Void, TransportError> { fault.map { .failure($0) } ?? .success(()) }

    /// Tells whoever waits for a frame to be sent that it will not be.
    func abandon(_ error: TransportError) {
        output.abandon(error)
    }
}
