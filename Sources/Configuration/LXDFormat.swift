internal import Documents
internal import Workflow

/// The format of `lxd` under a provider.
enum LXDFormat {
    private static let socket = DocumentKey(
        "socket", DocumentFormat<String>.text("a path"),
        summary: "The server's Unix socket; by default the first that this machine has, of LXD or of Incus.")
    private static let url = DocumentKey(
        "url", DocumentFormat<String>.text("a URL"), summary: "The server's URL, such as https://host:8443.")
    private static let clientCertificate = DocumentKey(
        "clientCertificate", DocumentFormat<String>.text("a path"),
        summary: "The PEM file of the client's certificate, which the server was told to trust.")
    private static let clientKey = DocumentKey(
        "clientKey", DocumentFormat<String>.text("a path"), summary: "The PEM file of the client's private key.")
    private static let serverCertificate = DocumentKey(
        "serverCertificate", DocumentFormat<String>.text("a path"),
        summary: "The PEM file of the server's own certificate, or of its authority; the system's by default.")
    private static let serverName = DocumentKey(
        "serverName", DocumentFormat<String>.text("a host name"),
        summary: "The name in the server's certificate, where it is not the URL's host.")
    private static let project = DocumentKey(
        "project", DocumentFormat<String>.text("a project"), defaultText: "default", summary: "The project.")
    private static let target = DocumentKey(
        "target", DocumentFormat<String>.text("a cluster member"),
        summary: "The cluster member on which replacements are launched; the original's own by default.")
    private static let network = DocumentKey(
        "network", DocumentFormat<String>.text("an interface"),
        summary: "The interface whose address checks and routers use; the first by default.")

    private enum Family: String, CaseIterable {
        case ipv4
        case ipv6
    }
    private static let address = DocumentKey(
        "address", DocumentFormat<Family>.choice, defaultText: "ipv4",
        summary: "Which of an instance's addresses checks and routers use.")

    private static let commands = DocumentKey(
        "commands",
        DocumentFormat<LXDConfiguration.Commands>.either(
            text: .choice([("exec", .exec)]),
            mapping: .object("commands", keys: [SSHFormat.key.shape]) { $0[SSHFormat.key].map { .ssh($0) } }),
        defaultText: "exec",
        summary: "How commands are run on instances: exec, which is the server's own way, or ssh with its settings.")

    static let lxd = DocumentFormat<ConfigurationFile.Provider>.object(
        "lxd",
        keys: [
            socket.shape, url.shape, clientCertificate.shape, clientKey.shape, serverCertificate.shape,
            serverName.shape, project.shape, target.shape, network.shape, address.shape,
            commands.shape,
        ]
    ) { object in
        let endpoint = endpoint(of: object)
        let (project, target, network) = (object[project] ?? "default", object[target], object[network])
        let usesIPv6 = object[address] == .ipv6
        let commands = object[commands] ?? .exec
        return endpoint.map {
            .lxd(
                LXDConfiguration(
                    endpoint: $0, project: project, target: target, network: network, usesIPv6: usesIPv6,
                    commands: commands))
        }
    }

    /// A socket or a URL with its certificates; one without the other is a mistake.
    private static func endpoint(of object: DocumentObject) -> LXDConfiguration.Endpoint? {
        let (path, address) = (object[socket], object[url])
        let (certificate, key) = (object[clientCertificate], object[clientKey])
        let (server, name) = (object[serverCertificate], object[serverName])
        guard let address else {
            for key in ["clientCertificate", "clientKey", "serverCertificate", "serverName"] {
                guard let place = object.place(of: key) else { continue }
                place.report(.invalid, "\(key) belongs to a server that is reached by its url", suggestion: "add url")
                return nil
            }
            return .socket(path)
        }
        guard path == nil else {
            object.place(of: "socket")?.report(
                .invalid, "a server is reached over its socket or by its url, not both",
                suggestion: "leave one of them out")
            return nil
        }
        guard address.hasPrefix("https://") else {
            object.place(of: "url")?.report(
                .invalid, "the url does not begin with https://", suggestion: "such as https://host:8443")
            return nil
        }
        guard let certificate, let key else {
            object.place(of: "url")?.report(
                .invalid, "a server that is reached by its url asks for a client certificate",
                suggestion: "add clientCertificate and clientKey")
            return nil
        }
        return .remote(
            LXDConfiguration.Remote(
                url: address, clientCertificate: certificate, clientKey: key, serverCertificate: server,
                serverName: name))
    }
}
