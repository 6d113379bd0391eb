/// Describes one certificate of a server's chain, in the words of the TLS library.
public struct PeerCertificate: Sendable, Hashable, Codable {
    /// Holds the subject's distinguished name.
    public var subject: String
    /// Holds the issuer's distinguished name.
    public var issuer: String
    /// Holds the start of validity as the TLS library prints it.
    public var notBefore: String
    /// Holds the end of validity as the TLS library prints it.
    public var notAfter: String
    /// Holds the end of validity in seconds since 1970-01-01T00:00:00Z; `nil` if ``notAfter`` is in an unknown form.
    public var notAfterEpochSeconds: Int64?
    /// Holds the subject's alternative names in the order of the certificate.
    public var alternativeNames: [AlternativeName]

    /// Names a host, or something else, that the certificate is for (RFC 5280, section 4.2.1.6).
    public enum AlternativeName: Sendable, Hashable, Codable {
        /// Names a host; the first label may be `*`.
        case host(String)
        /// Holds an IPv4 or IPv6 address as the TLS library prints it.
        case address(String)
        /// Holds a name of another kind with its prefix, such as `email:a@example.org`.
        case other(String)
    }

    /// Creates a description, for tests and recordings.
    public init(
        subject: String,
        issuer: String,
        notBefore: String,
        notAfter: String,
        notAfterEpochSeconds: Int64? = nil,
        alternativeNames: [AlternativeName] = []
    ) {
        self.subject = subject
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.notAfterEpochSeconds = notAfterEpochSeconds
        self.alternativeNames = alternativeNames
    }
}
