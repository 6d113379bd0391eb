import Glibc

/// Holds a request that was checked, in the form the driver needs.
struct HTTPPlan: Sendable {
    var request: HTTPRequest
    var url: ParsedURL
    /// Holds header lines in libcurl's notation.
    var headerLines: [String]

    /// Checks everything about a request that can be checked without connecting.
    init(_ request: HTTPRequest) throws(TransportError) {
        guard ASCII.isToken(request.method) else { throw Self.refusal("the method is not an HTTP token") }
        if request.method == "HEAD", request.body != nil { throw Self.refusal("a HEAD request has no body") }
        url = try ParsedURL(request.url)
        headerLines = try Self.headerLines(request)
        try Self.check(request.options)
        self.request = request
    }

    /// Names the peer in error messages.
    var target: String {
        request.options.unixSocketPath ?? "\(url.host):\(url.port)"
    }

    /// Names what shares a limit of connections.
    var origin: String {
        "\(url.scheme)://\(target)"
    }

    /// Tells whether HTTP/2 is spoken in the clear, by prior knowledge.
    var isClearHTTP2: Bool {
        url.scheme == "http" && request.options.version == .http2PriorKnowledge
    }

    /// Tells whether HTTP/2 may be agreed on, so that the request may share a connection.
    var mayBeMultiplexed: Bool {
        switch request.options.version {
        case .automatic, .http2: url.scheme == "https" || request.options.followRedirects > 0
        case .http1: false
        case .http2PriorKnowledge: true
        }
    }

    /// Returns the body to send, if any: the methods that are defined to carry one announce an empty one.
    var body: [UInt8]? {
        if let body = request.body { return body }
        return ["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil
    }

    /// Returns libcurl's notation for "dial this address instead", or `nil`.
    var connectTo: String? {
        guard let address = request.options.pinnedAddress ?? request.options.connectHost else { return nil }
        let dialled = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
        return "\(url.host):\(url.port):\(dialled):\(url.port)"
    }

    private static func headerLines(_ request: HTTPRequest) throws(TransportError) -> [String] {
        // An entry without value ("Name:") keeps libcurl from adding the field by itself.
        var suppressed = ["Expect", "Content-Type"]
        var lines: [String] = []
        for header in request.headers {
            guard ASCII.isToken(header.name) else { throw refusal("a header's name is not an HTTP token") }
            guard !header.value.utf8.contains(where: { [0, 10, 13].contains($0) }) else {
                throw refusal("the value of header \(header.name) has a CR, LF or NUL")
            }
            if header.isNamed("Transfer-Encoding") { throw refusal("Transfer-Encoding may not be given") }
            if header.isNamed("Content-Length") {
                guard Int(header.value) == request.body?.count ?? 0 else {
                    throw refusal("Content-Length is not the body's length")
                }
                continue
            }
            suppressed.removeAll(where: header.isNamed)
            let isBlank = ASCII.trimmed(Substring(header.value).utf8).isEmpty
            // "Name;" is how libcurl is told to send a field without value.
            lines.append(isBlank ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        return lines + suppressed.map { "\($0):" }
    }

    private static func check(_ options: HTTPOptions) throws(TransportError) {
        try TransferLimits.check(
            connectTimeout: options.connectTimeout,
            totalTimeout: options.totalTimeout,
            maxResponseBytes: options.maxResponseBytes
        )
        if let limit = options.lowSpeedLimit {
            guard limit.bytesPerSecond >= 1, (.seconds(1)...(.seconds(86_400))).contains(limit.period) else {
                throw refusal("the low-speed limit is out of range")
            }
        }
        guard (0...50).contains(options.followRedirects) else { throw refusal("followRedirects is out of range") }
        if let path = options.unixSocketPath { try TransferLimits.check(unixSocketPath: path) }
        if let address = options.pinnedAddress, !TransferLimits.isAddressLiteral(address) {
            throw refusal("the pinned address is not an IP literal")
        }
        if let host = options.connectHost, !RawPlan.isHost(host) {
            throw refusal("the host to dial is neither a name nor an IP literal")
        }
        let files = [options.tls.caFile, options.tls.clientCertificateFile, options.tls.clientKeyFile]
        guard files.allSatisfy({ !($0?.utf8.contains(0) ?? false) }) else { throw refusal("a file name has a NUL") }
    }

    private static func refusal(_ detail: String) -> TransportError {
        TransportError(code: .invalidRequest, detail: detail)
    }
}
