internal import Documents

/// The format of an `http` probe.
enum HTTPFormat {
    private static let scheme = DocumentKey(
        "scheme", DocumentFormat<HTTPCheck.Scheme>.choice, defaultText: "http", summary: "http or https.")
    private static let port = DocumentKey(
        "port", .integer(in: 1...65535), defaultText: "80, or 443 for https", summary: "The port on the instance.")
    private static let hostname = DocumentKey(
        "hostname", host, summary: "For the Host field and TLS; the instance's address is dialled in any case.")
    private static let path = DocumentKey(
        "path", pathFormat, defaultText: "/", summary: "Path and query, percent-encoded.")
    private static let method = DocumentKey(
        "method", DocumentFormat<HTTPCheck.Method>.choice, defaultText: "GET", summary: "The request's method.")
    private static let headers = DocumentKey(
        "headers", headersFormat, summary: "Header fields; secrets by reference only.")

    /// A host name or an IPv4 address.
    static let host = DocumentFormat<String>.text("a host name", limits: TextForms.host) { text in
        .invalid("\"\(text.prefix(60))\" is no host name")
    }

    private static let pathFormat = DocumentFormat<String>.text(
        "a path that starts with /", limits: TextForms.path
    ) { text in
        text.hasPrefix("/")
            ? .invalid("the path contains a space, # or another character to be percent-encoded")
            : .invalid(
                "the path \"\(text.prefix(60))\" does not start with /", suggestion: "write /\(text.prefix(60))")
    }

    /// Header fields by name, without those that the transport writes itself.
    static let headersFormat = DocumentFormat<[String: SecretText]>.dictionary(
        of: .secretText, keys: TextForms.headerName
    ) { name in
        ["host", "content-length", "transfer-encoding"].contains(name.lowercased())
            ? .invalid("the field \(name) cannot be set here", suggestion: "use hostname for Host")
            : .invalid("\"\(name)\" is no name of a header field")
    }

    /// An `http` probe.
    static let http = DocumentFormat<HTTPCheck>.object(
        "http",
        keys: [
            scheme.shape, port.shape, hostname.shape, path.shape, method.shape, headers.shape,
            LoopbackFormat.allowLoopback.shape, DurationFormat.requests.shape,
        ]
    ) { object in
        let scheme = object[scheme] ?? .http
        return HTTPCheck(
            scheme: scheme, port: object[port] ?? (scheme == .https ? 443 : 80), hostname: object[hostname],
            path: object[path] ?? "/", method: object[method] ?? .get, headers: object[headers] ?? [:],
            allowsLoopback: object[LoopbackFormat.allowLoopback] ?? false,
            requests: object[DurationFormat.requests] ?? 1)
    }
}
