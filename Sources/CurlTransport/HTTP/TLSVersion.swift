/// Names a version of TLS.
public enum TLSVersion: String, Sendable, Hashable, Codable, CaseIterable {
    /// Names TLS 1.2 (RFC 5246).
    case tls12 = "1.2"
    /// Names TLS 1.3 (RFC 8446).
    case tls13 = "1.3"
}
