import LXDClient
import Workflow

/// Puts errors of LXD into a provider's terms, by the client's codes alone.
enum LXDErrorMapping {
    /// How much of the server's own words is kept.
    private static let detailLimit = 500

    /// The provider's error for an error of LXD during `operation`.
    static func error(_ error: LXDError, operation: String, location: String) -> ProviderError {
        let place = location.isEmpty ? "" : " (\(location))"
        return ProviderError(
            code(of: error.code), operation: operation, detail: bounded(error.detail) + place,
            isRetryable: error.isRetryable || error.code == .conflict)
    }

    /// The error of a launch: one that may not be repeated says that the request as it is cannot be launched.
    static func launchError(_ error: LXDError, operation: String, location: String) -> ProviderError {
        var mapped = Self.error(error, operation: operation, location: location)
        switch mapped.code {
        case .instanceNotFound, .invalidState, .terminationProtected: mapped.code = .invalidRequest
        case .unavailable, .throttled, .capacity, .quota, .unauthenticated, .forbidden, .imageNotFound,
            .invalidRequest, .storage, .malformedAnswer, .cancelled:
            break
        }
        return mapped
    }

    private static func code(of code: LXDError.Code) -> ProviderError.Code {
        switch code {
        case .unavailable, .noServer, .busy, .conflict: .unavailable
        case .forbidden: .forbidden
        case .untrustedClient, .untrustedServer, .certificateFile: .unauthenticated
        case .notFound: .instanceNotFound
        case .exists, .failed: .invalidState
        case .capacity: .capacity
        case .quota: .quota
        case .unsupported, .invalidRequest: .invalidRequest
        case .malformedAnswer: .malformedAnswer
        case .cancelled: .cancelled
        }
    }

    private static func bounded(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count <= detailLimit ? line : line.prefix(detailLimit) + "…"
    }
}

/// A stretch of time that several calls share.
struct LXDTimeLimit: Sendable {
    private let clock: any WorkflowClock
    private let end: Int64

    init(_ span: Span, clock: any WorkflowClock) {
        self.clock = clock
        end = clock.monotonicMilliseconds() + span.milliseconds
    }

    /// What is left of it, never less than a moment.
    var rest: Span { max(.milliseconds(100), .milliseconds(end - clock.monotonicMilliseconds())) }
    /// Whether it is over.
    var isOver: Bool { clock.monotonicMilliseconds() >= end }
}
