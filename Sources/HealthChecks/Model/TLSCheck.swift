internal import CurlTransport

/// A TLS handshake with the instance, and nothing after it.
struct TLSCheck: Sendable, Hashable {
    var port: Int
    /// The server's name for SNI and verification; the instance's address is dialled in any case.
    var hostname: String?
    /// The authorities to trust instead of the system's, as written in the file.
    var caFile: String?
    var minVersion: TLSVersion = .tls12
    /// Whether the chain must lead to a trusted authority, be valid now, and be for the server's name.
    var verifies = true
    /// Whether the instance's address may be a loopback one.
    var allowsLoopback = false
    /// How many handshakes one measurement makes.
    var requests = 1
}
