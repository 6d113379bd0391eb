/// Tells why a transfer failed.
///
/// Its ``description`` is safe to print: it names the host, port or socket path, and never holds header values, bodies,
/// or a URL's user information, path or query.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Classifies the failure.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// The host's name could not be resolved.
        case dns
        /// The connection was refused or the host could not be reached.
        case connect
        /// The connection was not ready within the connect timeout.
        case connectTimeout
        /// The Unix socket does not exist or refused the connection.
        case unixSocket
        /// TLS failed for another reason than the three below.
        case tls
        /// The server's certificate, or one of its issuers', has expired or is not valid yet.
        case tlsExpired
        /// The server's certificate is self-signed or comes from an issuer that is not trusted.
        case tlsUntrusted
        /// The server's certificate is for another name.
        case tlsHostname
        /// The transfer was not complete within the total timeout.
        case timeout
        /// The transfer was slower than its low-speed limit.
        case lowSpeed
        /// The task that asked for the transfer was cancelled.
        case cancelled
        /// The transport was shut down.
        case shutdown
        /// The answer is larger than its cap.
        case tooLarge
        /// The server redirects more often than allowed.
        case tooManyRedirects
        /// The peer does not speak the protocol correctly.
        case protocolError
        /// The peer closed or reset the connection before the answer was complete.
        case reset
        /// Sending failed otherwise.
        case send
        /// Receiving failed otherwise.
        case receive
        /// The request or configuration cannot be performed as it is.
        case invalidRequest
        /// Too many transfers wait for a connection.
        case queueFull
        /// libcurl failed in a way that has no code here, or the system is out of a resource.
        case `internal`
    }

    /// Classifies the failure; its raw value is stable.
    public var code: Code
    /// Holds the `CURLcode`, when libcurl reported the failure.
    public var curlCode: Int32?
    /// Holds the system's error number (`errno`) of the connection, when libcurl reported one.
    public var systemError: Int32?
    /// Holds the TLS library's result of verifying the chain (OpenSSL: `X509_V_ERR_…`), when verification failed.
    public var verifyResult: Int?
    /// Holds what failed, where and why, in words that are safe to print.
    public var detail: String
    /// Holds when each phase ended, if the transfer had started.
    public var timings: TransferTimings?

    /// Creates an error.
    public init(
        code: Code,
        detail: String,
        curlCode: Int32? = nil,
        systemError: Int32? = nil,
        verifyResult: Int? = nil,
        timings: TransferTimings? = nil
    ) {
        self.code = code
        self.curlCode = curlCode
        self.systemError = systemError
        self.verifyResult = verifyResult
        self.detail = detail
        self.timings = timings
    }

    /// Says the code and the detail in one line.
    public var description: String {
        "\(code.rawValue): \(detail)"
    }

    /// Tells whether the cause may pass, so that the same transfer may succeed later.
    ///
    /// It does not tell whether repeating is harmless: after `timeout`, `lowSpeed`, `reset`, `send` or `receive` the
    /// server may have acted on the request.
    public var isRetryable: Bool {
        switch code {
        case .dns, .connect, .connectTimeout, .unixSocket, .timeout, .lowSpeed, .reset, .send, .receive, .queueFull:
            true
        case .tls, .tlsExpired, .tlsUntrusted, .tlsHostname, .cancelled, .shutdown, .tooLarge, .tooManyRedirects,
            .protocolError, .invalidRequest, .internal:
            false
        }
    }
}
