/// Bounds a web socket.
public struct WebSocketOptions: Sendable, Hashable {
    /// Caps a received message's bytes, all its fragments together, at least 0; more ends the web socket with
    /// ``TransportError/Code/tooLarge``.
    public var maxMessageBytes: Int
    /// Ends the web socket with ``TransportError/Code/timeout`` this long after it was opened, from 1 ms to 30 days;
    /// `nil` lets it live for as long as both sides want.
    public var lifetime: Duration?
    /// Bounds how long ``WebSocket/close(_:)`` waits for the peer, from 1 ms to 24 h.
    public var closeTimeout: Duration

    /// Creates options; every parameter has a safe default.
    public init(
        maxMessageBytes: Int = 1024 * 1024,
        lifetime: Duration? = nil,
        closeTimeout: Duration = .seconds(5)
    ) {
        self.maxMessageBytes = maxMessageBytes
        self.lifetime = lifetime
        self.closeTimeout = closeTimeout
    }
}
