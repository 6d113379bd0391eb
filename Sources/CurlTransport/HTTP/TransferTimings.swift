/// Tells when each phase of a transfer ended.
///
/// Every value is measured from the start of the transfer, after any time in the queue, as libcurl reports it, so
/// the values never decrease from one phase to the next. A phase that did not happen, such as TLS in the clear or
/// connecting on a reused connection, has the value of the phase before it. In an error, the phases that were not
/// reached have the value of the last one reached, and `total` is when the transfer ended.
public struct TransferTimings: Sendable, Equatable, Codable {
    /// Holds when the name was resolved.
    public var resolve: Duration
    /// Holds when the connection was established.
    public var connect: Duration
    /// Holds when the TLS handshake was complete.
    public var tls: Duration
    /// Holds when the answer's first byte arrived.
    public var firstByte: Duration
    /// Holds when the transfer ended.
    public var total: Duration

    /// Creates timings; values left out are zero.
    public init(
        resolve: Duration = .zero,
        connect: Duration = .zero,
        tls: Duration = .zero,
        firstByte: Duration = .zero,
        total: Duration = .zero
    ) {
        self.resolve = resolve
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
        self.total = total
    }
}
