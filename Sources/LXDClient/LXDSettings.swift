public import Workflow

/// Where a server is and as whom it is asked.
public struct LXDSettings: Sendable, Hashable {
    /// How the server is reached.
    public enum Endpoint: Sendable, Hashable {
        /// Over a Unix socket.
        case socket(String)
        /// Over HTTPS with a client certificate.
        case remote(Remote)
    }

    /// A server that is reached over HTTPS.
    public struct Remote: Sendable, Hashable {
        /// The server's base URL, such as `https://host:8443`.
        public var url: String
        /// A PEM file with the client's certificate.
        public var clientCertificateFile: String
        /// A PEM file with the client's private key.
        public var clientKeyFile: String
        /// A PEM file with the server's own certificate or its authority; `nil` for the system's authorities.
        public var serverCertificateFile: String?
        /// The name in the server's certificate, where it is not the URL's host.
        public var serverName: String?

        /// Creates a remote.
        public init(
            url: String, clientCertificateFile: String, clientKeyFile: String, serverCertificateFile: String? = nil,
            serverName: String? = nil
        ) {
            self.url = url
            self.clientCertificateFile = clientCertificateFile
            self.clientKeyFile = clientKeyFile
            self.serverCertificateFile = serverCertificateFile
            self.serverName = serverName
        }
    }

    /// How the server is reached.
    public var endpoint: Endpoint
    /// The project.
    public var project: String
    /// After this long without an answer a request has failed; long polls last longer.
    public var timeout: Span

    /// Creates settings.
    public init(endpoint: Endpoint, project: String = "default", timeout: Span = .seconds(20)) {
        self.endpoint = endpoint
        self.project = project
        self.timeout = timeout
    }
}
