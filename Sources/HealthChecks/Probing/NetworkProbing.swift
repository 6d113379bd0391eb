internal import CurlTransport

/// What network probes need of a transport; tests script it.
protocol NetworkProbing: Sendable {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
    func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult
    func datagram(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult
}

extension CurlTransport: NetworkProbing {
    /// Goes past libcurl, which knows no UDP.
    func datagram(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult {
        try await UDPSocketExchange.perform(exchange)
    }
}
