/// Sets the slowest average speed a transfer may have, and for how long it may be slower.
public struct LowSpeedLimit: Sendable, Hashable {
    /// Holds the speed in bytes per second, at least 1.
    public var bytesPerSecond: Int
    /// Holds how long the transfer may be slower, from 1 s to 24 h, rounded up to whole seconds.
    public var period: Duration

    /// Creates a limit; a transfer that breaks it fails with ``TransportError/Code/lowSpeed``.
    public init(bytesPerSecond: Int, period: Duration) {
        self.bytesPerSecond = bytesPerSecond
        self.period = period
    }
}
