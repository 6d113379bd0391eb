/// Describes one exchange of raw bytes over TCP or a Unix stream socket.
public struct RawExchange: Sendable {
    /// Names the peer to connect to.
    public enum Endpoint: Sendable, Hashable {
        /// Dials a host name or IP literal (IPv6 without brackets) at a port from 1 to 65,535.
        case tcp(host: String, port: Int)
        /// Dials a Unix stream socket; the path has at most 107 bytes of UTF-8.
        case unix(path: String)
    }

    /// Says when the exchange is complete.
    public enum Finish: Sendable, Hashable {
        /// Ends once connected; nothing is sent or read.
        case connected
        /// Ends once every byte to send was handed to the system; nothing is read.
        case afterSend
        /// Ends when the peer closes its side.
        case endOfStream
        /// Ends once exactly this many bytes, at least 1, were received.
        case bytes(Int)
        /// Ends once what was received contains these bytes, at least one.
        case contains([UInt8])
        /// Ends once a message was received whole whose length its first two bytes tell, big-endian and without
        /// themselves, as in DNS over TCP (RFC 1035, section 4.2.2).
        case lengthPrefixed
    }

    /// Asks for TLS on the connection.
    public struct Security: Sendable, Hashable {
        /// Names the server for SNI and for verification: a name or an IP literal, an IPv6 one without brackets.
        ///
        /// With `nil` it is the endpoint's host.
        public var serverName: String?
        /// Says how the server is verified.
        public var options: TLSOptions

        /// Creates a demand for TLS.
        public init(serverName: String? = nil, options: TLSOptions = TLSOptions()) {
            self.serverName = serverName
            self.options = options
        }
    }

    /// Names the peer.
    public var endpoint: Endpoint
    /// Holds the bytes to send after connecting; reading begins at once, before all are sent.
    public var send: [UInt8]
    /// Says when the exchange is complete.
    public var finish: Finish
    /// Bounds name lookup and connecting together, from 1 ms to 24 h; time in the queue does not count.
    public var connectTimeout: Duration
    /// Bounds the whole exchange, from 1 ms to 30 days, time in the queue included.
    public var totalTimeout: Duration
    /// Caps the bytes received, at least 0; more fails with ``TransportError/Code/tooLarge``.
    public var maxResponseBytes: Int
    /// Asks for a TLS handshake after connecting over TCP; only with ``Finish/connected``.
    ///
    /// No application protocol is offered (ALPN), and no session is resumed.
    public var security: Security?

    /// Creates an exchange; nothing is checked before it is performed.
    public init(
        endpoint: Endpoint,
        send: [UInt8] = [],
        finish: Finish,
        connectTimeout: Duration = .seconds(10),
        totalTimeout: Duration = .seconds(60),
        maxResponseBytes: Int = 1024 * 1024,
        security: Security? = nil
    ) {
        self.endpoint = endpoint
        self.send = send
        self.finish = finish
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.maxResponseBytes = maxResponseBytes
        self.security = security
    }
}
