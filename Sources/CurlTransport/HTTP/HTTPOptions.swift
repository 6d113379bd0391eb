/// Bounds a request and says how to reach its server.
public struct HTTPOptions: Sendable {
    /// Bounds name lookup, connecting and TLS together, from 1 ms to 24 h; time in the queue does not count.
    public var connectTimeout: Duration
    /// Bounds the whole request, from 1 ms to 30 days, time in the queue and, for streams, reading included.
    public var totalTimeout: Duration
    /// Ends a transfer that stays slower than this; `nil` sets no such limit.
    public var lowSpeedLimit: LowSpeedLimit?
    /// Caps the body's bytes, at least 0; more fails with ``TransportError/Code/tooLarge``.
    public var maxResponseBytes: Int
    /// Names the Unix stream socket to dial instead of the URL's host, at most 107 bytes of UTF-8.
    public var unixSocketPath: String?
    /// Holds the IPv4 or IPv6 literal to dial instead of resolving the URL's host.
    ///
    /// The port, the `Host` field, the TLS server name and the name that is verified stay the URL's.
    public var pinnedAddress: String?
    /// Names the host to resolve and dial instead of the URL's: a name, or an IPv4 or IPv6 literal without brackets.
    ///
    /// As with ``pinnedAddress``, which goes before it, everything else stays the URL's.
    public var connectHost: String?
    /// Says how to secure an `https` connection.
    public var tls: TLSOptions
    /// Chooses the protocol version.
    public var version: HTTPVersionPreference
    /// Bounds how many redirects are followed, from 0 (hand the redirect itself back) to 50.
    ///
    /// Only an `Authorization` field is withheld from another host: follow no redirect with other credentials.
    public var followRedirects: Int
    /// Allows an idle connection to be used, and this one to be used again.
    ///
    /// libcurl silently repeats a request, a `POST` too, when an idle connection turns out to be dead before a byte
    /// of the answer came. Give `false` to a call that must not be sent twice.
    public var reuseConnection: Bool

    /// Creates options; every parameter has a safe default.
    public init(
        connectTimeout: Duration = .seconds(10),
        totalTimeout: Duration = .seconds(60),
        lowSpeedLimit: LowSpeedLimit? = nil,
        maxResponseBytes: Int = 16 * 1024 * 1024,
        unixSocketPath: String? = nil,
        pinnedAddress: String? = nil,
        connectHost: String? = nil,
        tls: TLSOptions = TLSOptions(),
        version: HTTPVersionPreference = .automatic,
        followRedirects: Int = 0,
        reuseConnection: Bool = true
    ) {
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.lowSpeedLimit = lowSpeedLimit
        self.maxResponseBytes = maxResponseBytes
        self.unixSocketPath = unixSocketPath
        self.pinnedAddress = pinnedAddress
        self.connectHost = connectHost
        self.tls = tls
        self.version = version
        self.followRedirects = followRedirects
        self.reuseConnection = reuseConnection
    }
}
