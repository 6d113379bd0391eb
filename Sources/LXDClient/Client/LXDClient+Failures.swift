internal import CurlTransport
internal import Glibc

extension LXDClient {
    /// What a request failed of that has no complete answer.
    func failure(_ error: TransportError, of call: Call) -> LXDError {
        let (code, detail) = settings.diagnosis(of: error)
        return LXDError(
            code, request: call.label, detail: detail, isUncertain: call.isChange && Self.mayHaveActed(error))
    }

    /// Whether the server may have acted on a request whose transfer failed.
    private static func mayHaveActed(_ error: TransportError) -> Bool {
        switch error.code {
        case .cancelled, .shutdown: true
        case .dns, .connect, .connectTimeout, .unixSocket, .tls, .tlsExpired, .tlsUntrusted, .tlsHostname,
            .invalidRequest, .queueFull:
            false
        // Without timings it was still waiting for its turn.
        case .timeout, .lowSpeed, .tooLarge, .tooManyRedirects, .protocolError, .reset, .send, .receive, .internal:
            error.timings != nil
        }
    }

    /// What a request failed of that was answered so.
    ///
    /// Only the status counts, but for a server that stops: the error's text is for people. See `shared/api/error.go` of
    /// LXD for which there are. A request that only reads may be repeated, so 500, which says nothing, is no last word on it.
    func refusal(_ response: HTTPResponse, of call: Call) async -> LXDError {
        guard let failure = Envelope.failure(of: response) else {
            // What does not speak the API, such as a proxy, may have passed the request on.
            let isPassing = [502, 503, 504].contains(response.status)
            return LXDError(
                isPassing ? .unavailable : .malformedAnswer, request: call.label,
                detail: "the answer has status \(response.status) and is not one of the API",
                isUncertain: call.isChange)
        }
        let status = failure.code ?? response.status
        if status == 401 || status == 403 { return await denial(failure.error, of: call) }
        if status == 500, !call.isChange && !call.isSocket || Self.isOfStopping(failure.error) {
            return LXDError(.unavailable, request: call.label, detail: failure.error, isUncertain: call.isChange)
        }
        let code = Self.code(of: status)
        // A server that has gone meanwhile was on its way out already when it failed.
        if code == .failed, call.isChange, await isGone() {
            return LXDError(.unavailable, request: call.label, detail: failure.error, isUncertain: true)
        }
        return LXDError(code, request: call.label, detail: failure.error)
    }

    private func isGone() async -> Bool {
        do throws(LXDError) { _ = try await read(.server, as: LXDServer.self) } catch { return error.isRetryable }
        return false
    }

    /// Whether a text says that the server's database was gone: LXD 5.0.2 closes it before it stops to answer, and has no
    /// status of its own for that.
    static func isOfStopping(_ text: String) -> Bool { text.contains("database is closed") }

    private static func code(of status: Int) -> LXDError.Code {
        switch status {
        case 400, 405, 411, 413, 415, 422: .invalidRequest
        case 404: .notFound
        case 409: .exists
        case 412: .conflict
        case 423: .busy
        case 408, 429, 502, 503, 504: .unavailable
        case 501: .unsupported
        case 507: .capacity
        default: .failed
        }
    }

    /// Tells whether the server does not trust this client, or trusts it but not with this.
    private func denial(_ text: String, of call: Call) async -> LXDError {
        if case .remote = settings.endpoint, !call.resource.path.isEmpty {
            do throws(LXDError) {
                let facts = try await read(.server, as: LXDServer.self).value
                if facts.authentication != "trusted" {
                    return LXDError(.untrustedClient, request: call.label, detail: settings.untrustedClientAdvice)
                }
            } catch {
                // Whatever keeps the server from saying it, the request was denied.
            }
        }
        return LXDError(.forbidden, request: call.label, detail: "the server does not allow it: \(text)")
    }
}
