internal import CurlTransport
internal import Workflow

extension RequestSender {
    /// Sends a request once and reads its answer.
    func attempt<Answer: Sendable>(
        _ call: AWSCall, settings: ResolvedSettings, credentials: AWSCredentials?, at time: WallTime,
        read: (HTTPBodyChunks) async -> Outcome<Answer>
    ) async -> Outcome<Answer> {
        let request: HTTPRequest
        do throws(AWSError) {
            request = try self.request(call, settings: settings, credentials: credentials, at: time)
        } catch {
            return .failure(AttemptFailure(error: error, mayRepeat: false))
        }
        onRequest(call.action)
        let response: HTTPStreamingResponse
        do throws(TransportError) {
            response = try await transport.stream(request)
        } catch {
            var failure = Self.failure(AWSError(error, call: call), of: call, isTimeout: error.isTimeout)
            failure.mayHaveActed = AWSError.mayHaveActed(error)
            return .failure(failure)
        }
        guard !(200...299).contains(response.status) else { return await read(response.chunks) }
        return .failure(await refusal(response, call))
    }

    /// The signed request of a call.
    func request(
        _ call: AWSCall, settings: ResolvedSettings, credentials: AWSCredentials?, at time: WallTime
    ) throws(AWSError) -> HTTPRequest {
        let endpoint = try settings.endpoint(of: call.service)
        let body: [UInt8]
        var headers = [HTTPHeader(name: "Host", value: endpoint.host)]
        switch call.service.wireProtocol {
        case .query(let version):
            body = Self.form(call, version: version)
            headers.append(
                HTTPHeader(name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8"))
        case .json(let target, let version):
            body = call.body
            headers.append(HTTPHeader(name: "Content-Type", value: "application/x-amz-json-\(version)"))
            headers.append(HTTPHeader(name: "X-Amz-Target", value: "\(target).\(call.action)"))
        }
        headers.append(HTTPHeader(name: "User-Agent", value: "changeover"))
        if let credentials {
            let signer = SigV4Signer(
                accessKeyID: credentials.accessKeyID, secretAccessKey: credentials.secretAccessKey,
                sessionToken: credentials.sessionToken, region: try settings.region(),
                service: call.service.signingName)
            let unsigned = SigningRequest(
                method: "POST", path: endpoint.path, query: "", headers: headers, body: body)
            headers = signer.sign(unsigned, at: time)
        }
        var options = HTTPOptions(
            totalTimeout: .seconds(60), lowSpeedLimit: LowSpeedLimit(bytesPerSecond: 1, period: .seconds(30)),
            maxResponseBytes: Self.maxAnswerBytes)
        options.tls.caFile = settings.authorities
        // libcurl repeats a request by itself when a connection that it reuses turns out to be dead.
        options.reuseConnection = call.repetition == .harmless
        return HTTPRequest(
            method: "POST", url: endpoint.origin + endpoint.path, headers: headers, body: body, options: options)
    }

    /// The parameters as a form, in the order of their names.
    static func form(_ call: AWSCall, version: String) -> [UInt8] {
        var parameters = call.parameters
        parameters["Action"] = call.action
        parameters["Version"] = version
        var body: [UInt8] = []
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            if !body.isEmpty { body.append(UInt8(ascii: "&")) }
            PercentEncoding.append(name.utf8, to: &body)
            body.append(UInt8(ascii: "="))
            PercentEncoding.append(value.utf8, to: &body)
        }
        return body
    }

    /// The failure of an attempt that ended with an error of the transfer or of the parser.
    static func failure(_ error: AWSError, of call: AWSCall, isTimeout: Bool = false) -> AttemptFailure {
        AttemptFailure(
            error: error, mayRepeat: error.isRetryable && !error.isUncertain, mayHaveActed: true, isTimeout: isTimeout)
    }

    /// Reads an answer that is no success.
    private func refusal(_ response: HTTPStreamingResponse, _ call: AWSCall) async -> AttemptFailure {
        var body: [UInt8] = []
        do throws(TransportError) {
            var chunks = response.chunks.makeAsyncIterator()
            while body.count < Self.maxErrorBytes, let chunk = try await chunks.next() { body += chunk }
        } catch {
            if error.code == .cancelled || error.code == .shutdown {
                return Self.failure(AWSError(error, call: call, mayHaveBegun: true), of: call)
            }
            // The status alone says enough to go on.
        }
        let answer: ErrorAnswer?
        switch call.service.wireProtocol {
        case .query: answer = ErrorAnswer(xml: body)
        case .json: answer = ErrorAnswer(json: body, header: response.values(for: "x-amzn-ErrorType").first)
        }
        var failure = judged(answer, status: response.status, call)
        failure.date = response.values(for: "Date").first.flatMap { CivilTime(httpDate: $0)?.wallTime }
        if failure.error.requestID == nil {
            failure.error.requestID =
                response.values(for: "x-amzn-RequestId").first ?? response.values(for: "x-amz-request-id").first
        }
        return failure
    }

    private func judged(_ answer: ErrorAnswer?, status: Int, _ call: AWSCall) -> AttemptFailure {
        let kind: AWSError.Kind
        if let answer {
            kind = ErrorCodes.kind(answer.code, status: status)
        } else if status == 429 {
            kind = .throttled
        } else {
            kind = status >= 500 ? .serviceFailure : .malformedAnswer
        }
        let error = AWSError(
            kind, action: call.action, serviceCode: answer?.code,
            detail: answer.map { $0.message.isEmpty ? "the service refused the call" : $0.message }
                ?? "the endpoint answered \(status) without an error that AWS would send",
            status: status, requestID: answer?.requestID,
            isRetryable: kind == .throttled || kind == .serviceFailure || kind == .expiredCredentials,
            // What the service refused by a code of its own had no effect, unless it failed within.
            isUncertain: call.repetition == .effective && (kind == .serviceFailure || kind == .malformedAnswer))
        let mayRepeat = error.isRetryable && !error.isUncertain && kind != .expiredCredentials
        let mayHaveActed = kind == .serviceFailure || kind == .malformedAnswer
        return AttemptFailure(error: error, mayRepeat: mayRepeat, mayHaveActed: mayHaveActed)
    }
}

extension TransportError {
    /// Whether it waited in vain.
    var isTimeout: Bool { [.timeout, .connectTimeout, .lowSpeed].contains(code) }
}
