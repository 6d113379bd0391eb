/// Orders a request's submission and its cancellation.
///
/// A task may be cancelled before, while or after its request is posted. Whoever comes first under the lock decides:
/// after a cancellation nothing is posted, and a cancellation is posted only after its request.
final class Ticket: Sendable {
    private enum Phase {
        case idle
        case cancelled
        case submitted
    }

    private let phase = Locked(Phase.idle)

    /// Posts the request unless it was cancelled; returns why it was not posted.
    func submit(_ post: () -> Bool) -> TransportError? {
        phase.withLock { phase in
            switch phase {
            case .cancelled:
                return .cancelled
            case .idle, .submitted:
                phase = .submitted
                return post() ? nil : .shutdown
            }
        }
    }

    /// Posts the cancellation if the request was posted.
    func cancel(_ post: () -> Void) {
        phase.withLock { phase in
            switch phase {
            case .idle: phase = .cancelled
            case .cancelled: break
            case .submitted: post()
            }
        }
    }
}

extension TransportError {
    static let cancelled = TransportError(code: .cancelled, detail: "the task was cancelled")
    static let shutdown = TransportError(code: .shutdown, detail: "the transport was shut down")
}
