/// Holds what passes between a web socket's user and the driver.
///
/// The driver thread takes what is to be sent, appends what was received, and finishes, once; any task may send, one at
/// a time receives. State changes under the lock, continuations are resumed outside it.
final class WebSocketChannel: Sendable {
    typealias Receiver = CheckedContinuation<Result<WebSocketMessage?, TransportError>, Never>
    typealias Sender = CheckedContinuation<Result<Void, TransportError>, Never>
    typealias Closer = CheckedContinuation<Void, Never>

    /// Holds one frame to send, and whom to tell that it was.
    struct Outgoing: Sendable {
        var frame: [UInt8]
        var sender: Sender
    }

    private struct State: Sendable {
        var incoming: [WebSocketMessage] = []
        var incomingBytes = 0
        /// Tells whether the driver has stopped reading until there is room.
        var isPaused = false
        var receiver: Receiver?
        var outgoing: [Outgoing] = []
        var closing: WebSocketClose?
        var closers: [Closer] = []
        var peerClose: WebSocketClose?
        var end: Result<Void, TransportError>?
    }

    /// Says what a look for a message found.
    private enum Look {
        case answer(Result<WebSocketMessage?, TransportError>, resumesReading: Bool)
        case wait
    }

    /// Counts each message as so much more than its bytes, so that empty ones are bounded too.
    private static let messageOverheadBytes = 64
    private let capacity: Int
    private let state = Locked(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    // MARK: The user's side

    /// Waits for a message or the end; calls `resumeReading` when the driver had stopped for want of room.
    func receive(resumeReading: () -> Void) async -> Result<WebSocketMessage?, TransportError> {
        await withCheckedContinuation { (receiver: Receiver) in
            let look = state.withLock { state in
                guard state.receiver == nil else {
                    return Look.answer(.failure(Self.twoReceivers), resumesReading: false)
                }
                let look = Self.look(&state)
                if case .wait = look { state.receiver = receiver }
                return look
            }
            guard case .answer(let answer, let resumesReading) = look else { return }
            if resumesReading { resumeReading() }
            receiver.resume(returning: answer)
        }
    }

    /// Queues a frame and waits until it was handed to the system; calls `wake` once it is queued.
    func send(_ frame: [UInt8], wake: () -> Void) async -> Result<Void, TransportError> {
        await withCheckedContinuation { (sender: Sender) in
            let refusal = state.withLock { state -> TransportError? in
                switch state.end {
                case .failure(let error): return error
                case .success: return Self.closed
                case nil: break
                }
                guard state.closing == nil else { return Self.closed }
                state.outgoing.append(Outgoing(frame: frame, sender: sender))
                return nil
            }
            if let refusal {
                sender.resume(returning: .failure(refusal))
            } else {
                wake()
            }
        }
    }

    /// Asks for the end and waits for it; calls `wake` once the driver has something to do.
    ///
    /// What was not received is dropped, so that the peer's answer is not behind it.
    func close(_ close: WebSocketClose, wake: () -> Void) async {
        await withCheckedContinuation { (closer: Closer) in
            let (isOver, receiver) = state.withLock { state -> (Bool, Receiver?) in
                guard state.end == nil else { return (true, nil) }
                if state.closing == nil { state.closing = close }
                state.incoming = []
                state.incomingBytes = 0
                state.isPaused = false
                state.closers.append(closer)
                defer { state.receiver = nil }
                return (false, state.receiver)
            }
            receiver?.resume(returning: .success(nil))
            if isOver {
                closer.resume()
            } else {
                wake()
            }
        }
    }

    /// Holds why the peer closed, once it has.
    var peerClose: WebSocketClose? { state.withLock { $0.peerClose } }

    // MARK: The driver's side

    /// Holds why and with what the user closes, once they do.
    var closing: WebSocketClose? { state.withLock { $0.closing } }

    /// Tells whether more may be read; if not, the user's next look asks the driver to go on.
    func hasRoom() -> Bool {
        state.withLock { state in
            state.isPaused = state.incomingBytes >= capacity && state.closing == nil
            return !state.isPaused
        }
    }

    /// Hands a message over.
    func append(_ message: WebSocketMessage) {
        let (receiver, look) = state.withLock { state -> (Receiver?, Look) in
            guard state.closing == nil else { return (nil, .wait) }
            state.incoming.append(message)
            state.incomingBytes += message.bytes.count + Self.messageOverheadBytes
            guard state.receiver != nil else { return (nil, .wait) }
            defer { state.receiver = nil }
            return (state.receiver, Self.look(&state))
        }
        if let receiver, case .answer(let answer, _) = look { receiver.resume(returning: answer) }
    }

    /// Takes the next frame to send.
    func takeOutgoing() -> Outgoing? {
        state.withLock { $0.outgoing.isEmpty ? nil : $0.outgoing.removeFirst() }
    }

    /// Tells whether frames wait to be sent.
    var hasOutgoing: Bool { state.withLock { !$0.outgoing.isEmpty } }

    func notePeerClose(_ close: WebSocketClose) {
        state.withLock { $0.peerClose = close }
    }

    /// Ends the web socket, once; later ends are ignored.
    func finish(_ end: Result<Void, TransportError>) {
        let (receiver, look, outgoing, closers) = state.withLock { state -> (Receiver?, Look, [Outgoing], [Closer]) in
            guard state.end == nil else { return (nil, .wait, [], []) }
            state.end = end
            if case .failure(let error) = end, error.code == .cancelled { state.incoming = [] }
            defer {
                state.receiver = nil
                state.outgoing = []
                state.closers = []
            }
            let look = state.receiver == nil ? Look.wait : Self.look(&state)
            return (state.receiver, look, state.outgoing, state.closers)
        }
        if let receiver, case .answer(let answer, _) = look { receiver.resume(returning: answer) }
        let failure: Result<Void, TransportError> =
            if case .failure(let error) = end { .failure(error) } else { .failure(Self.closed) }
        for item in outgoing { item.sender.resume(returning: failure) }
        for closer in closers { closer.resume() }
    }

    static let closed = TransportError(code: .reset, detail: "the web socket is closed")
    private static let twoReceivers = TransportError(
        code: .invalidRequest,
        detail: "a web socket is read by two tasks at a time"
    )

    private static func look(_ state: inout State) -> Look {
        if !state.incoming.isEmpty {
            let message = state.incoming.removeFirst()
            state.incomingBytes -= message.bytes.count + messageOverheadBytes
            let wasPaused = state.isPaused
            state.isPaused = false
            return .answer(.success(message), resumesReading: wasPaused)
        }
        switch state.end {
        case .success: return .answer(.success(nil), resumesReading: false)
        case .failure(let error): return .answer(.failure(error), resumesReading: false)
        case nil: return state.closing == nil ? .wait : .answer(.success(nil), resumesReading: false)
        }
    }
}
