/// Holds one message of a web socket (RFC 6455, section 5.6).
public enum WebSocketMessage: Sendable, Hashable {
    /// Holds text, as the peer sent it: that it is UTF-8 is not checked.
    case text([UInt8])
    /// Holds any bytes.
    case binary([UInt8])

    /// Holds the message's bytes, whatever its kind.
    public var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}

/// Says why a peer closed a web socket (RFC 6455, section 7.1.5).
public struct WebSocketClose: Sendable, Hashable {
    /// Holds the status code; 1005 when the peer gave none.
    public var code: UInt16
    /// Holds the peer's reason, text of at most 123 bytes.
    public var reason: String

    /// Creates a close.
    public init(code: UInt16 = 1000, reason: String = "") {
        self.code = code
        self.reason = reason
    }
}
