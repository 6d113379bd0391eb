import CCurl

extension Transfer {
    /// Answers the caller; the driver calls it once.
    func answer(_ result: Result<Void, TransportError>) {
        switch job.work {
        case .buffered(_, let answer):
            answer.resume(returning: result.map { response(body: body) })
        case .streamed(_, let answer, let buffer):
            if !isHeadDelivered {
                isHeadDelivered = true
                answer.resume(returning: result.map { response(body: []) })
            }
            buffer.finish(result)
        case .raw(_, let answer):
            answer.resume(returning: result.map { rawResult() })
        case .socket(_, let answer, let channel):
            if !isHeadDelivered {
                isHeadDelivered = true
                answer.resume(returning: result.flatMap { opening() })
            }
            if case .failure(let error) = result {
                socket?.abandon(error)
            } else {
                socket?.abandon(WebSocketChannel.closed)
            }
            channel.finish(result)
        }
    }

    /// Hands a streamed answer's head and bytes over; returns whether the transfer must go on after a pause.
    func deliver() -> Bool {
        guard case .streamed(_, let answer, let buffer) = job.work else { return false }
        if head.isComplete, !isHeadDelivered {
            isHeadDelivered = true
            answer.resume(returning: .success(response(body: [])))
        }
        return buffer.flush()
    }

    /// Returns how the transfer ends because a deadline has passed, if any has.
    func expire(now: ContinuousClock.Instant) -> Result<Void, TransportError>? {
        if let deadline, now >= deadline, let socket, socket.isClosing { return socket.lateEnd }
        return expiry(now: now).map { .failure($0) }
    }

    private func expiry(now: ContinuousClock.Instant) -> TransportError? {
        if let deadline, now >= deadline {
            return timeoutError(.timeout, "the transfer was not complete within the total timeout")
        }
        guard let deadline = connectDeadline, now >= deadline else { return nil }
        if easy.isConnected {
            connectDeadline = nil
            return nil
        }
        return timeoutError(.connectTimeout, "the connection was not ready within \(job.connectTimeout)")
    }

    /// Translates what libcurl reports.
    func error(_ status: CURLcode) -> TransportError {
        if isTooLarge {
            return TransportError(
                code: .tooLarge,
                detail: "\(job.target): the answer is larger than its cap",
                timings: easy.timings()
            )
        }
        if status == CURLE_OPERATION_TIMEDOUT, !easy.isConnected {
            return timeoutError(.connectTimeout, "the connection was not ready within \(job.connectTimeout)")
        }
        return TransportError(
            TransportError.CurlFailure(
                status: status,
                systemError: Int32(truncatingIfNeeded: easy.long(CURLINFO_OS_ERRNO)),
                verifyResult: easy.long(CURLINFO_SSL_VERIFYRESULT),
                target: job.target,
                isUnixSocket: job.unixSocketPath != nil,
                hasLowSpeedLimit: hasLowSpeedLimit,
                timings: easy.timings()
            )
        )
    }

    private var hasLowSpeedLimit: Bool {
        switch job.work {
        case .buffered(let plan, _), .streamed(let plan, _, _): plan.request.options.lowSpeedLimit != nil
        case .raw, .socket: false
        }
    }

    private func timeoutError(_ code: TransportError.Code, _ words: String) -> TransportError {
        TransportError(code: code, detail: "\(job.target): \(words)", timings: easy.timings())
    }

    private func response(body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: head.status,
            version: easy.httpVersion(),
            headers: head.headers,
            body: body,
            timings: easy.timings(),
            remoteAddress: easy.remoteAddress(unixSocketPath: job.unixSocketPath),
            reusedConnection: easy.long(CURLINFO_NUM_CONNECTS) == 0,
            certificates: easy.certificates()
        )
    }

    /// Hands an open web socket over; returns whether this is the moment when it was opened.
    func deliverOpening() -> Bool {
        guard case .socket(_, let answer, _) = job.work, !isHeadDelivered, socket?.openHead != nil else { return false }
        isHeadDelivered = true
        answer.resume(returning: opening())
        return true
    }

    private func opening() -> Result<WebSocketOpening, TransportError> {
        guard let (head, body, isOpen) = socket?.answer else {
            return .failure(TransportError(code: .reset, detail: "\(job.target): the peer closed before it answered"))
        }
        var timings = easy.timings()
        timings.firstByte = max(timings.tls, begin.duration(to: .now))
        timings.total = timings.firstByte
        let response = HTTPResponse(
            status: head.status,
            version: "1.1",
            headers: head.headers,
            body: body,
            timings: timings,
            remoteAddress: easy.remoteAddress(unixSocketPath: job.unixSocketPath),
            certificates: easy.certificates()
        )
        return .success(WebSocketOpening(response: response, isOpen: isOpen))
    }

    private func rawResult() -> RawExchangeResult {
        var timings = easy.timings()
        if case .raw(let plan, _) = job.work, plan.exchange.security == nil { timings.tls = timings.connect }
        timings.firstByte = max(timings.tls, raw?.firstByte.map { begin.duration(to: $0) } ?? .zero)
        timings.total = max(timings.firstByte, begin.duration(to: .now))
        return RawExchangeResult(
            received: raw?.received ?? [],
            timings: timings,
            remoteAddress: easy.remoteAddress(unixSocketPath: job.unixSocketPath),
            certificates: easy.certificates()
        )
    }
}
