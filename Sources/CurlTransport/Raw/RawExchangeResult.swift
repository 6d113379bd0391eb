/// Holds what a raw exchange brought.
public struct RawExchangeResult: Sendable {
    /// Holds the bytes received until the exchange was complete.
    public var received: [UInt8]
    /// Holds when each phase ended; without any byte received, `firstByte` is the time of connecting.
    public var timings: TransferTimings
    /// Holds the peer's `address:port` (`[address]:port` for IPv6), or the Unix socket's path.
    public var remoteAddress: String
    /// Holds the server's chain, leaf first, when ``TLSOptions/captureCertificates`` asks for it.
    public var certificates: [PeerCertificate]

    /// Creates a result, for tests and recordings.
    public init(
        received: [UInt8],
        timings: TransferTimings = TransferTimings(),
        remoteAddress: String = "",
        certificates: [PeerCertificate] = []
    ) {
        self.received = received
        self.timings = timings
        self.remoteAddress = remoteAddress
        self.certificates = certificates
    }
}
