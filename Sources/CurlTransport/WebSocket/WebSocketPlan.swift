/// Holds a request for a web socket that was checked, in the form the driver needs.
struct WebSocketPlan: Sendable {
    /// Says where and how to connect.
    var http: HTTPPlan
    var options: WebSocketOptions
    /// Holds the bytes of the request that asks for the upgrade.
    var upgrade: [UInt8]
    /// Holds what the server must answer as `Sec-WebSocket-Accept`.
    var accept: String
    /// Holds the subprotocols that the server may choose from.
    var subprotocols: [String]

    /// Checks everything about a request that can be checked without connecting.
    init(_ request: HTTPRequest, _ options: WebSocketOptions) throws(TransportError) {
        var generator = SystemRandomNumberGenerator()
        let nonce = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        try self.init(request, options, key: Base64.encode(nonce))
    }

    init(_ request: HTTPRequest, _ options: WebSocketOptions, key: String) throws(TransportError) {
        http = try HTTPPlan(request)
        guard request.method == "GET", request.body == nil else {
            throw Self.refusal("a web socket is asked for by GET, without a body")
        }
        guard (.milliseconds(1)...(.seconds(86_400))).contains(options.closeTimeout),
            (.milliseconds(1)...(.seconds(30 * 86_400))).contains(options.lifetime ?? .seconds(1)),
            options.maxMessageBytes >= 0
        else { throw Self.refusal("an option of the web socket is out of range") }
        let reserved = ["Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"]
        for header in request.headers where reserved.contains(where: header.isNamed) {
            throw Self.refusal("the header \(header.name) is the web socket's own")
        }
        if request.headers.contains(where: { $0.isNamed("Sec-WebSocket-Extensions") }) {
            throw Self.refusal("no extension of web sockets is known")
        }
        let (authority, target) = Self.split(request.url)
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw Self.refusal("the URL has user information")
        }
        var lines = ["GET \(target) HTTP/1.1"]
        if !request.headers.contains(where: { $0.isNamed("Host") }) { lines.append("Host: \(authority)") }
        lines += [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
        ]
        lines += request.headers.map { "\($0.name): \($0.value)" }
        upgrade = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        // RFC 6455, section 4.2.2: the digest of the key and a constant.
        accept = Base64.encode(SHA1.digest(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
        subprotocols = request.headers.filter { $0.isNamed("Sec-WebSocket-Protocol") }.flatMap { header in
            header.value.split(separator: ",").map { String(Substring(ASCII.trimmed($0.utf8))) }
        }
        self.options = options
    }

    /// Splits an absolute URL into its authority and what is sent as the target: path and query, as written.
    private static func split(_ url: String) -> (authority: String, target: String) {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? Substring(url)
        let whole = afterScheme.prefix { $0 != "#" }
        let authority = whole.prefix { $0 != "/" && $0 != "?" }
        let rest = whole.dropFirst(authority.count)
        return (String(authority), rest.hasPrefix("/") ? String(rest) : "/\(rest)")
    }

    private static func refusal(_ detail: String) -> TransportError {
        TransportError(code: .invalidRequest, detail: detail)
    }
}
