/// Holds what a streamed body's consumer has not read yet.
///
/// The driver thread appends and finishes; one consumer reads. State changes under the lock, continuations are resumed
/// outside it.
final class StreamBuffer: Sendable {
    typealias Waiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

    private struct State: Sendable {
        var pending: [UInt8] = []
        var isPaused = false
        var end: Result<Void, TransportError>?
        var waiter: Waiter?
    }

    /// Says what a read found.
    private enum Read {
        case answer(Result<[UInt8]?, TransportError>, resumesTransfer: Bool)
        case wait
    }

    private let capacity: Int
    private let state = Locked(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Copies bytes in; returns `false`, and expects them again, when enough are waiting for the consumer.
    func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        state.withLock { state in
            guard state.pending.count < capacity else {
                state.isPaused = true
                return false
            }
            state.pending.append(contentsOf: bytes)
            return true
        }
    }

    /// Wakes the consumer if there is something for it; returns whether the transfer must go on to refill the buffer.
    func flush() -> Bool {
        let (waiter, read) = state.withLock { state -> (Waiter?, Read) in
            guard state.waiter != nil else { return (nil, .wait) }
            let read = Self.read(&state)
            guard case .answer = read else { return (nil, .wait) }
            defer { state.waiter = nil }
            return (state.waiter, read)
        }
        guard let waiter, case .answer(let answer, let resumesTransfer) = read else { return false }
        waiter.resume(returning: answer)
        return resumesTransfer
    }

    /// Ends the body, once; later ends are ignored.
    func finish(_ end: Result<Void, TransportError>) {
        state.withLock { state in
            guard state.end == nil else { return }
            state.end = end
            if case .failure(let error) = end, error.code == .cancelled { state.pending = [] }
        }
        _ = flush()
    }

    /// Waits for bytes or the end; calls `resumeTransfer` when the transfer was paused for want of room.
    func next(resumeTransfer: () -> Void) async -> Result<[UInt8]?, TransportError> {
        await withCheckedContinuation { (waiter: Waiter) in
            let read = state.withLock { state in
                guard state.waiter == nil else {
                    return Read.answer(.failure(Self.twoConsumers), resumesTransfer: false)
                }
                let read = Self.read(&state)
                if case .wait = read { state.waiter = waiter }
                return read
            }
            guard case .answer(let answer, let resumesTransfer) = read else { return }
            if resumesTransfer { resumeTransfer() }
            waiter.resume(returning: answer)
        }
    }

    private static let twoConsumers = TransportError(
        code: .invalidRequest,
        detail: "a streamed body is read by two tasks at a time"
    )

    private static func read(_ state: inout State) -> Read {
        if !state.pending.isEmpty {
            let bytes = state.pending
            let wasPaused = state.isPaused
            state.pending = []
            state.isPaused = false
            return .answer(.success(bytes), resumesTransfer: wasPaused)
        }
        switch state.end {
        case .success: return .answer(.success(nil), resumesTransfer: false)
        case .failure(let error): return .answer(.failure(error), resumesTransfer: false)
        case nil: return .wait
        }
    }
}
