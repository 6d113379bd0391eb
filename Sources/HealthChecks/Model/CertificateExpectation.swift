/// What a server's certificate must be like; at least one of these is there.
struct CertificateExpectation: Sendable, Hashable {
    /// How long the first certificate of the chain to expire is still valid, in milliseconds.
    var expiresIn: Thresholds?
    /// The subject of the server's own certificate, as the TLS library writes it.
    var subject: TextExpectation?
    /// The issuer of the server's own certificate, as the TLS library writes it.
    var issuer: TextExpectation?
    /// A host name or an address that the server's own certificate must be for.
    var name: String?
}
