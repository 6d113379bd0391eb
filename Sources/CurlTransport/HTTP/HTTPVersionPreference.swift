/// Chooses the HTTP version of a request.
public enum HTTPVersionPreference: String, Sendable, Hashable, Codable, CaseIterable {
    /// Offers HTTP/2 and HTTP/1.1 over TLS (ALPN), and speaks HTTP/1.1 in the clear.
    case automatic
    /// Speaks HTTP/1.1 only.
    case http1
    /// Offers HTTP/2 like ``automatic`` and prefers a stream on an existing connection to a new connection.
    ///
    /// The answer's ``HTTPResponse/version`` tells what was agreed. In the clear it speaks HTTP/1.1.
    case http2
    /// Speaks HTTP/2 at once, without an upgrade, in the clear too (RFC 9113, section 3.3).
    ///
    /// With libcurl 7.88 every such request in the clear has its own connection, because that version cannot reuse one.
    case http2PriorKnowledge

    /// Tells whether many requests are meant to share one connection.
    var isMultiplexed: Bool {
        switch self {
        case .automatic, .http1: false
        case .http2, .http2PriorKnowledge: true
        }
    }
}
