/// Collects a server's answer to the request for an upgrade (RFC 6455, section 4.1).
struct WebSocketUpgrade {
    /// Says what the bytes amount to so far.
    enum Progress {
        case incomplete
        /// The web socket is open; what came after the head belongs to it.
        case open(rest: ArraySlice<UInt8>)
        /// The server refused, with a complete answer.
        case refused
    }

    /// Bounds how much of a refusal's body is kept; the rest is not read.
    static let maxRefusalBytes = 64 * 1024

    private let plan: WebSocketPlan
    private(set) var head = ResponseHead(followsRedirects: false, acceptsUpgrade: true)
    /// Holds a refusal's body as far as it is decoded.
    private(set) var body: [UInt8] = []
    /// Holds what is not a complete line of the head yet, and then the body as it was sent.
    private var pending: [UInt8] = []

    init(_ plan: WebSocketPlan) {
        self.plan = plan
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) throws(TransportError) -> Progress {
        pending += bytes
        var start = 0
        while !head.isComplete, let end = pending[start...].firstIndex(of: 10) {
            let isWithinCap = pending[start...end].withUnsafeBufferPointer { head.append($0) }
            guard isWithinCap else { throw tooLarge }
            start = end + 1
        }
        guard head.isComplete else {
            guard head.status != 0 || start == 0 else { throw fault("the answer is not HTTP") }
            guard pending.count - start <= ResponseHead.maxBytes else { throw tooLarge }
            pending.removeFirst(start)
            return .incomplete
        }
        pending.removeFirst(start)
        if head.status == 101 {
            try check()
            return .open(rest: pending[...])
        }
        return try readBody(isAtEnd: false) ? .refused : .incomplete
    }

    /// Takes the peer's end; returns whether it ends a refusal that announces no length.
    mutating func end() throws(TransportError) -> Bool {
        guard head.isComplete, head.status != 101 else { return false }
        return try readBody(isAtEnd: true)
    }

    private func check() throws(TransportError) {
        guard value("Upgrade")?.lowercased() == "websocket", tokens("Connection").contains("upgrade") else {
            throw fault("the server switched to something else than a web socket")
        }
        guard value("Sec-WebSocket-Accept") == plan.accept else {
            throw fault("the server's Sec-WebSocket-Accept does not belong to the request")
        }
        guard value("Sec-WebSocket-Extensions") == nil else { throw fault("the server uses an extension unasked") }
        if let chosen = value("Sec-WebSocket-Protocol"), !plan.subprotocols.contains(chosen) {
            throw fault("the server uses a subprotocol unasked")
        }
    }

    /// Decodes the body of a refusal; returns whether it is complete or long enough.
    private mutating func readBody(isAtEnd: Bool) throws(TransportError) -> Bool {
        if tokens("Transfer-Encoding").contains("chunked") {
            guard let (decoded, isComplete) = ChunkedBody.decode(pending) else { throw fault("a malformed chunk") }
            body = Array(decoded.prefix(Self.maxRefusalBytes))
            return isComplete || isAtEnd || pending.count > Self.maxRefusalBytes
        }
        let length = value("Content-Length").flatMap { Int($0) }
        body = Array(pending.prefix(min(max(length ?? .max, 0), Self.maxRefusalBytes)))
        return isAtEnd || body.count == length || body.count == Self.maxRefusalBytes
            || [204, 304].contains(head.status)
    }

    private func value(_ name: String) -> String? { head.headers.first { $0.isNamed(name) }?.value }

    private func tokens(_ name: String) -> [String] {
        head.headers.filter { $0.isNamed(name) }.flatMap { header in
            header.value.split(separator: ",").map { String(Substring(ASCII.trimmed($0.utf8))).lowercased() }
        }
    }

    private var tooLarge: TransportError {
        TransportError(code: .tooLarge, detail: "\(plan.http.target): the answer is larger than its cap")
    }

    private func fault(_ words: String) -> TransportError {
        TransportError(code: .protocolError, detail: "\(plan.http.target): \(words)")
    }
}

/// Decodes a body in chunks (RFC 9112, section 7.1); trailer fields are dropped.
enum ChunkedBody {
    /// Returns what has come so far and whether it is all; `nil` for what is no chunk.
    static func decode(_ bytes: [UInt8]) -> (body: [UInt8], isComplete: Bool)? {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let lineEnd = rest.firstIndex(of: 10) {
            let digits = rest[..<lineEnd].prefix { $0 != 13 && $0 != UInt8(ascii: ";") && $0 != 32 }
            guard digits.count <= 7, let count = Int(String(decoding: digits, as: UTF8.self), radix: 16), count >= 0
            else { return nil }
            if count == 0 { return (body, true) }
            rest = rest[(lineEnd + 1)...]
            body += rest.prefix(count)
            guard rest.count >= count + 2 else { return (body, false) }
            rest = rest.dropFirst(count + 2)
        }
        return (body, false)
    }
}
