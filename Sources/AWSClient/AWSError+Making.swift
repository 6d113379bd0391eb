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
        let isUncertain = call.repetition == .effective && (mayHaveBegun || Self.mayHaveActed(failure))
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

    /// Whether the service may have acted on a request whose transfer failed.
    static func mayHaveActed(_ failure: TransportError) -> Bool {
        switch failure.code {
        case .cancelled, .shutdown: true
        case .dns, .connect, .connectTimeout, .unixSocket, .tls, .tlsExpired, .tlsUntrusted, .tlsHostname,
            .invalidRequest, .queueFull:
            false
        // Without timings it was still waiting for its turn.
        case .timeout, .lowSpeed, .tooLarge, .tooManyRedirects, .protocolError, .reset, .send, .receive, .internal:
            failure.timings != nil
        }
    }

    /// The same error about another action, for failures that were found before the call.
    func during(_ action: String) -> AWSError {
        var error = self
        if error.action.isEmpty { error.action = action }
        return error
    }
}
