internal import CurlTransport
internal import Documents

/// The format of an `http` probe and of its `tls` options.
enum HTTPFormat {
    private static let scheme = DocumentKey(
        "scheme", DocumentFormat<HTTPCheck.Scheme>.choice, defaultText: "http", summary: "http or https.")
    private static let port = DocumentKey(
        "port", .integer(in: 1...65535), defaultText: "80, or 443 for https", summary: "The port on the instance.")
    private static let hostname = DocumentKey(
        "hostname", hostFormat, summary: "For the Host field and TLS; the instance's address is dialled in any case.")
    private static let path = DocumentKey(
        "path", pathFormat, defaultText: "/", summary: "Path and query, percent-encoded.")
    private static let method = DocumentKey(
        "method", DocumentFormat<HTTPCheck.Method>.choice, defaultText: "GET", summary: "The request's method.")
    private static let headers = DocumentKey(
        "headers", headersFormat, summary: "Header fields; secrets by reference only.")

    private static let hostFormat = DocumentFormat<String>.text("a host name").refine { text, cursor in
        guard text.count <= 253, text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?/) != nil else {
            cursor.report(.invalid, "\"\(text.prefix(60))\" is no host name")
            return String?.none
        }
        return text
    }

    private static let pathFormat = DocumentFormat<String>.text("a path that starts with /").refine { text, cursor in
        guard text.hasPrefix("/") else {
            cursor.report(
                .invalid, "the path \"\(text.prefix(60))\" does not start with /",
                suggestion: "write /\(text.prefix(60))")
            return String?.none
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("#") else {
            cursor.report(.invalid, "the path contains a space, # or another character to be percent-encoded")
            return String?.none
        }
        return text
    }

    private static let headersFormat = DocumentFormat<[String: SecretText]>.dictionary(of: .secretText).refine {
        headers, cursor in
        let wrong = headers.keys.filter { $0.wholeMatch(of: /[A-Za-z0-9!#$%&'*+.^_`|~-]+/) == nil }.sorted()
        for name in wrong { cursor.report(.invalid, "\"\(name.prefix(60))\" is no name of a header field") }
        let refused = headers.keys.filter { ["host", "content-length", "transfer-encoding"].contains($0.lowercased()) }
        for name in refused.sorted() {
            cursor.report(.invalid, "the field \(name) cannot be set here", suggestion: "use hostname for Host")
        }
        return wrong.isEmpty && refused.isEmpty ? headers : nil
    }

    /// An `http` probe.
    static let http = DocumentFormat<HTTPCheck>.object(
        "http", keys: [scheme.shape, port.shape, hostname.shape, path.shape, method.shape, headers.shape]
    ) { object in
        let scheme = object[scheme] ?? .http
        return HTTPCheck(
            scheme: scheme, port: object[port] ?? (scheme == .https ? 443 : 80), hostname: object[hostname],
            path: object[path] ?? "/", method: object[method] ?? .get, headers: object[headers] ?? [:])
    }

    private static let caFile = DocumentKey(
        "caFile", DocumentFormat<String>.text("a path"),
        summary: "A PEM file of the only authorities to trust, beside the check file.")
    private static let minVersion = DocumentKey(
        "minVersion", DocumentFormat<TLSVersion>.choice, defaultText: "\"1.2\"", summary: "The oldest TLS to accept.")

    /// The `tls` options.
    static let tls = DocumentFormat<HTTPCheck.TLS>.object("tls", keys: [caFile.shape, minVersion.shape]) { object in
        HTTPCheck.TLS(caFile: object[caFile], minVersion: object[minVersion] ?? .tls12)
    }
}
