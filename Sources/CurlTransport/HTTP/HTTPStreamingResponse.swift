/// Holds an answer's head and the sequence its body arrives by.
///
/// Dropping the response, its ``chunks`` and their iterators cancels what has not arrived.
public struct HTTPStreamingResponse: Sendable {
    /// Holds the status code, from 200 to 999: interim answers are skipped.
    public let status: Int
    /// Holds the protocol version: `"1.0"`, `"1.1"` or `"2"`.
    public let version: String
    /// Holds the header fields in the order received, duplicates kept, without trailer fields.
    public let headers: [HTTPHeader]
    /// Holds when each phase ended; `total` is the time until the head was complete.
    public let timings: TransferTimings
    /// Holds the peer's `address:port` (`[address]:port` for IPv6), or the Unix socket's path.
    public let remoteAddress: String
    /// Tells whether the request went over a connection that existed before.
    public let reusedConnection: Bool
    /// Holds the server's chain, leaf first, when ``TLSOptions/captureCertificates`` asks for it.
    public let certificates: [PeerCertificate]
    /// Delivers the body, once, to one consumer.
    public let chunks: HTTPBodyChunks

    /// Returns the values of every field with the given name, in order, without regard to case.
    public func values(for name: String) -> [String] {
        headers.filter { $0.isNamed(name) }.map(\.value)
    }

    /// Joins a head to the sequence its body arrives by.
    init(head: HTTPResponse, chunks: HTTPBodyChunks) {
        status = head.status
        version = head.version
        headers = head.headers
        timings = head.timings
        remoteAddress = head.remoteAddress
        reusedConnection = head.reusedConnection
        certificates = head.certificates
        self.chunks = chunks
    }
}
