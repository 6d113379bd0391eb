internal import Documents

/// A TCP connection to the instance.
struct TCPCheck: Sendable, Hashable {
    var port: Int
    /// What is sent after connecting.
    var send: SecretText?
    /// What the answer must contain.
    var expect: String?
    /// Whether the instance's address may be a loopback one.
    var allowsLoopback = false
    /// How many connections one measurement makes, one after another.
    var requests = 1
}
