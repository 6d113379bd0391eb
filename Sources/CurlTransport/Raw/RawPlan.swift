/// Holds a raw exchange that was checked, in the form the driver needs.
struct RawPlan: Sendable {
    var exchange: RawExchange
    /// Holds the URL that makes libcurl connect there.
    var url: String
    /// Names the peer in error messages, and what shares a limit of connections.
    var target: String
    /// Holds libcurl's notation for "dial this address instead", or `nil`.
    private(set) var connectTo: String?

    /// Checks everything about an exchange that can be checked without connecting.
    init(_ exchange: RawExchange) throws(TransportError) {
        try TransferLimits.check(
            connectTimeout: exchange.connectTimeout,
            totalTimeout: exchange.totalTimeout,
            maxResponseBytes: exchange.maxResponseBytes
        )
        switch exchange.endpoint {
        case .tcp(let host, let port):
            guard (1...65_535).contains(port) else { throw Self.refusal("the port is out of range") }
            guard Self.isHost(host) else { throw Self.refusal("the host is neither a name nor an IP literal") }
            target = "\(Self.bracketed(host)):\(port)"
            url = "http://\(target)/"
        case .unix(let path):
            try TransferLimits.check(unixSocketPath: path)
            target = path
            url = "http://localhost/"
        }
        try Self.check(exchange.finish, maxResponseBytes: exchange.maxResponseBytes)
        self.exchange = exchange
        if let security = exchange.security { try secure(security) }
    }

    /// Lets libcurl make a TLS connection to the endpoint, under the server's name.
    private mutating func secure(_ security: RawExchange.Security) throws(TransportError) {
        guard case .tcp(let host, let port) = exchange.endpoint, exchange.finish == .connected else {
            throw Self.refusal("TLS is for a handshake over TCP only")
        }
        let name = security.serverName ?? host
        guard Self.isHost(name) else { throw Self.refusal("the server's name is neither a name nor an IP literal") }
        let files = [
            security.options.caFile, security.options.clientCertificateFile, security.options.clientKeyFile,
        ]
        guard files.allSatisfy({ !($0?.utf8.contains(0) ?? false) }) else {
            throw Self.refusal("a file name has a NUL")
        }
        let authority = "\(Self.bracketed(name)):\(port)"
        url = "https://\(authority)/"
        if name != host { connectTo = "\(authority):\(target)" }
    }

    private static func bracketed(_ host: String) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    }

    var unixSocketPath: String? {
        switch exchange.endpoint {
        case .tcp: nil
        case .unix(let path): path
        }
    }

    private static func check(_ finish: RawExchange.Finish, maxResponseBytes: Int) throws(TransportError) {
        switch finish {
        case .connected, .afterSend, .endOfStream: break
        case .bytes(let count):
            guard (1...max(1, maxResponseBytes)).contains(count), maxResponseBytes >= 1 else {
                throw refusal("the number of bytes to wait for is out of range")
            }
        case .contains(let bytes):
            guard !bytes.isEmpty else { throw refusal("the bytes to wait for are empty") }
        case .lengthPrefixed:
            guard maxResponseBytes >= 2 else { throw refusal("the cap on the answer is less than its length takes") }
        }
    }

    /// Tells whether text is a host's name or an IP literal, an IPv6 one without brackets.
    static func isHost(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.allSatisfy(isHostByte) else { return false }
        return !text.utf8.contains(UInt8(ascii: ":")) || TransferLimits.isAddressLiteral(text)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "-._:".utf8.contains(byte)
        }
    }

    private static func refusal(_ detail: String) -> TransportError {
        TransportError(code: .invalidRequest, detail: detail)
    }
}
