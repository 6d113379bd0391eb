internal import CurlTransport

/// One datagram over UDP and the first one that answers it.
struct DatagramExchange: Sendable {
    /// A numeric address.
    var host: String
    /// From 1 to 65,535.
    var port: Int
    var payload: [UInt8]
    /// Bounds the exchange, from 1 ms on.
    var timeout: Duration
    /// The longest answer that is read, in bytes; more is cut off.
    var maxResponseBytes: Int
    /// Whether a datagram is the answer; others from the same peer are passed over.
    var isAnswer: @Sendable ([UInt8]) -> Bool
}

/// The answer to a datagram, and how long it took to come.
struct DatagramResult: Sendable {
    var received: [UInt8]
    var timings: TransferTimings

    init(received: [UInt8], timings: TransferTimings = TransferTimings()) {
        self.received = received
        self.timings = timings
    }
}
