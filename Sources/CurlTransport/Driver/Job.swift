/// Describes work for the driver, and whom to answer.
struct Job: Sendable {
    typealias Answer<Value> = CheckedContinuation<Result<Value, TransportError>, Never>

    /// Holds what to do.
    enum Work: Sendable {
        case buffered(HTTPPlan, Answer<HTTPResponse>)
        case streamed(HTTPPlan, Answer<HTTPResponse>, StreamBuffer)
        case raw(RawPlan, Answer<RawExchangeResult>)
        case socket(WebSocketPlan, Answer<WebSocketOpening>, WebSocketChannel)
    }

    let id: UInt64
    let work: Work
    /// Holds when the total timeout ends.
    let deadline: ContinuousClock.Instant

    var connectTimeout: Duration {
        switch work {
        case .buffered(let plan, _), .streamed(let plan, _, _): plan.request.options.connectTimeout
        case .raw(let plan, _): plan.exchange.connectTimeout
        case .socket(let plan, _, _): plan.http.request.options.connectTimeout
        }
    }

    /// Names the peer in error messages.
    var target: String {
        switch work {
        case .buffered(let plan, _), .streamed(let plan, _, _): plan.target
        case .raw(let plan, _): plan.target
        case .socket(let plan, _, _): plan.http.target
        }
    }

    var unixSocketPath: String? {
        switch work {
        case .buffered(let plan, _), .streamed(let plan, _, _): plan.request.options.unixSocketPath
        case .raw(let plan, _): plan.unixSocketPath
        case .socket(let plan, _, _): plan.http.request.options.unixSocketPath
        }
    }

    /// Tells which limit of transfers in progress the job counts against.
    func lane(_ configuration: CurlTransport.Configuration) -> AdmissionQueue.Lane {
        switch work {
        case .buffered(let plan, _), .streamed(let plan, _, _):
            let isMultiplexed = plan.request.options.version.isMultiplexed
            return AdmissionQueue.Lane(
                name: isMultiplexed ? "h2 \(plan.origin)" : plan.origin,
                limit: isMultiplexed ? configuration.maxStreamsPerHost : configuration.maxConnectionsPerHost
            )
        case .raw(let plan, _):
            return AdmissionQueue.Lane(name: "raw \(plan.target)", limit: configuration.maxConnectionsPerHost)
        case .socket(let plan, _, _):
            // Those that are open hold no place any more.
            return AdmissionQueue.Lane(name: "ws \(plan.http.origin)", limit: configuration.maxConnectionsPerHost)
        }
    }

    /// Answers with a failure before the transfer has begun.
    func fail(_ error: TransportError) {
        switch work {
        case .buffered(_, let answer): answer.resume(returning: .failure(error))
        case .streamed(_, let answer, _): answer.resume(returning: .failure(error))
        case .raw(_, let answer): answer.resume(returning: .failure(error))
        case .socket(_, let answer, _): answer.resume(returning: .failure(error))
        }
    }
}
