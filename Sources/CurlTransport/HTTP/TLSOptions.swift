/// Says how to secure a connection.
public struct TLSOptions: Sendable, Hashable {
    /// Names a PEM file with the only authorities to trust; `nil` trusts the system's.
    public var caFile: String?
    /// Names a PEM file with the client's certificate and its chain.
    public var clientCertificateFile: String?
    /// Names a PEM file with the client's private key; `nil` looks for it in the certificate's file.
    public var clientKeyFile: String?
    /// Sets the oldest version to accept.
    public var minimumVersion: TLSVersion
    /// Verifies the server's certificate chain and host name; `false` accepts any server.
    public var verifiesServer: Bool
    /// Reports the server's chain as ``HTTPResponse/certificates``, from a new connection with a full handshake.
    public var captureCertificates: Bool

    /// Creates options; by default servers are verified against the system's authorities with TLS 1.2 or later.
    public init(
        caFile: String? = nil,
        clientCertificateFile: String? = nil,
        clientKeyFile: String? = nil,
        minimumVersion: TLSVersion = .tls12,
        verifiesServer: Bool = true,
        captureCertificates: Bool = false
    ) {
        self.caFile = caFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
        self.minimumVersion = minimumVersion
        self.verifiesServer = verifiesServer
        self.captureCertificates = captureCertificates
    }
}
