extension CurlTransport {
    /// Bounds what one transport holds at a time.
    public struct Configuration: Sendable, Hashable {
        /// Bounds how many transfers are in progress at a time, from 1 to 10,000; others wait in the order they came.
        ///
        /// As many connections are kept open for later use.
        public var maxConnections: Int
        /// Bounds how many transfers per scheme, host and port are in progress at a time, from 1 to 10,000.
        ///
        /// Requests that ask for ``HTTPVersionPreference/http2`` or prior knowledge count against
        /// ``maxStreamsPerHost`` instead.
        public var maxConnectionsPerHost: Int
        /// Bounds how many HTTP/2 requests per host are in progress at a time, from 1 to 10,000.
        public var maxStreamsPerHost: Int
        /// Bounds how many transfers wait; one more fails with ``TransportError/Code/queueFull``.
        public var maxQueued: Int
        /// Bounds how many web sockets are open or being opened at a time, at least 0.
        ///
        /// One more fails with ``TransportError/Code/queueFull``. Those that are open count against no other limit.
        public var maxWebSockets: Int
        /// Bounds how many bytes of a streamed body, or of a web socket's messages, wait for their consumer before the
        /// transfer pauses, at least 1.
        public var streamBufferBytes: Int
        /// Lets libcurl take proxies from `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`.
        public var usesEnvironmentProxy: Bool

        /// Creates a configuration.
        public init(
            maxConnections: Int = 256,
            maxConnectionsPerHost: Int = 32,
            maxStreamsPerHost: Int = 100,
            maxQueued: Int = 10_000,
            streamBufferBytes: Int = 256 * 1024,
            usesEnvironmentProxy: Bool = false,
            maxWebSockets: Int = 1_000
        ) {
            self.maxConnections = maxConnections
            self.maxConnectionsPerHost = maxConnectionsPerHost
            self.maxStreamsPerHost = maxStreamsPerHost
            self.maxQueued = maxQueued
            self.streamBufferBytes = streamBufferBytes
            self.usesEnvironmentProxy = usesEnvironmentProxy
            self.maxWebSockets = maxWebSockets
        }

        func validate() throws(TransportError) {
            let limits = [maxConnections, maxConnectionsPerHost, maxStreamsPerHost]
            let allowed = 1...10_000
            guard limits.allSatisfy(allowed.contains), maxQueued >= 0, streamBufferBytes >= 1, maxWebSockets >= 0 else {
                throw TransportError(code: .invalidRequest, detail: "a limit of the configuration is out of range")
            }
        }
    }
}
