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

    /// Creates a description, for tests and recordings.
    public init(
        subject: String,
        issuer: String,
        notBefore: String,
        notAfter: String,
        notAfterEpochSeconds: Int64? = nil
    ) {
        self.subject = subject
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.notAfterEpochSeconds = notAfterEpochSeconds
    }
}
