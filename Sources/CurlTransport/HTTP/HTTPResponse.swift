/// Holds a complete answer.
public struct HTTPResponse: Sendable {
    /// Holds the status code, from 200 to 999: interim answers are skipped.
    public var status: Int
    /// Holds the protocol version: `"1.0"`, `"1.1"` or `"2"`.
    public var version: String
    /// Holds the header fields in the order received, duplicates kept, without trailer fields.
    public var headers: [HTTPHeader]
    /// Holds the body as received, not decompressed.
    public var body: [UInt8]
    /// Holds when each phase ended.
    public var timings: TransferTimings
    /// Holds the peer's `address:port` (`[address]:port` for IPv6), or the Unix socket's path.
    public var remoteAddress: String
    /// Tells whether the request went over a connection that existed before.
    public var reusedConnection: Bool
    /// Holds the server's chain, leaf first, when ``TLSOptions/captureCertificates`` asks for it.
    public var certificates: [PeerCertificate]

    /// Creates an answer, for tests and recordings.
    public init(
        status: Int,
        version: String = "1.1",
        headers: [HTTPHeader] = [],
        body: [UInt8] = [],
        timings: TransferTimings = TransferTimings(),
        remoteAddress: String = "",
        reusedConnection: Bool = false,
        certificates: [PeerCertificate] = []
    ) {
        self.status = status
        self.version = version
        self.headers = headers
        self.body = body
        self.timings = timings
        self.remoteAddress = remoteAddress
        self.reusedConnection = reusedConnection
        self.certificates = certificates
    }

    /// Returns the values of every field with the given name, in order, without regard to case.
    public func values(for name: String) -> [String] {
        headers.filter { $0.isNamed(name) }.map(\.value)
    }
}
