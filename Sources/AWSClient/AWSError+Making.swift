internal import CurlTransport

extension AWSError {
    static func configuration(_ detail: String) -> AWSError {
        AWSError(.configuration, action: "", detail: detail, isRetryable: false)
    }

    static func cancelled(_ action: String, isUncertain: Bool = false) -> AWSError {
        AWSError(
            .cancelled, action: action, detail: "the call was cancelled", isRetryable: false, isUncertain: isUncertain)
    }

    /// The error for a transfer that failed.
    ///
    /// - Parameter mayHaveBegun: whether a part of the answer was seen already.
    init(_ failure: TransportError, call: AWSCall, mayHaveBegun: Bool = false) {
        let neverSent: Set<TransportError.Code> = [
            .dns, .connect, .connectTimeout, .unixSocket, .tls, .tlsExpired, .tlsUntrusted, .tlsHostname,
            .invalidRequest, .queueFull,
        ]
        // Without timings it was still waiting for its turn.
        let began = mayHaveBegun || !neverSent.contains(failure.code) && failure.timings != nil
        let isUncertain =
            call.repetition == .effective && (began || failure.code == .cancelled || failure.code == .shutdown)
        switch failure.code {
        case .cancelled, .shutdown:
            self = .cancelled(call.action, isUncertain: isUncertain)
        case .tooLarge, .protocolError, .tooManyRedirects:
            self.init(
                .malformedAnswer, action: call.action, detail: failure.detail, isRetryable: false,
                isUncertain: isUncertain)
        case .invalidRequest:
            self.init(.configuration, action: call.action, detail: failure.detail, isRetryable: false)
        default:
            self.init(
                .unreachable, action: call.action, detail: failure.detail, isRetryable: failure.isRetryable,
                isUncertain: isUncertain)
        }
    }

    /// The same error about another action, for failures that were found before the call.
    func during(_ action: String) -> AWSError {
        var error = self
        if error.action.isEmpty { error.action = action }
        return error
    }
}
