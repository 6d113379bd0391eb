internal import CurlTransport

/// What network probes need of a transport; tests script it.
protocol NetworkProbing: Sendable {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
    func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult
}

extension CurlTransport: NetworkProbing {}
