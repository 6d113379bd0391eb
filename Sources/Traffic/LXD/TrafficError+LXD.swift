import LXDClient
import Workflow

extension TrafficError {
    /// Puts a server's error into a router's terms.
    init(_ error: LXDError, router: RouterName) {
        let code: Code =
            switch error.code {
            // What is busy or was changed meanwhile is looked at again.
            case .unavailable, .noServer, .busy, .conflict: .unavailable
            // It may be renewed while the swap waits, so the deadline of the step decides.
            case .untrustedClient, .certificateFile: .unavailable
            case .forbidden, .notFound, .exists, .capacity, .quota, .invalidRequest, .failed: .refused
            case .untrustedServer, .unsupported: .invalidRequest
            case .malformedAnswer: .malformedAnswer
            case .cancelled: .cancelled
            }
        self.init(code, router: router, detail: "\(error)")
    }
}
