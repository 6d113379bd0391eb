internal import CurlTransport
internal import Workflow

/// What a probe asks, in words that a recording keeps, so that an answer is not taken for one to another question.
///
/// Without header fields and what is sent over TCP, which may hold secrets.
enum ProbeQuestion {
    static func text(_ request: HTTPRequest) -> String { "\(request.method) \(request.url)" }

    static func text(_ exchange: RawExchange) -> String {
        let tls = exchange.security.map { " TLS \($0.serverName ?? "")" } ?? ""
        switch exchange.endpoint {
        case .tcp(let host, let port): return "TCP \(host) \(port)\(tls)\(dns(exchange))"
        case .unix(let path): return "Unix \(path)"
        }
    }

    static func text(_ exchange: DatagramExchange) -> String {
        "UDP \(exchange.host) \(exchange.port) \(hex(exchange.payload.dropFirst(2)))"
    }

    static func text(_ command: Command) -> String {
        "run " + command.arguments.map { "\"\($0)\"" }.joined(separator: " ")
    }

    static func text(_ policy: PatchPolicy) -> String { "patched" }

    /// The received bytes of a DNS answer without the question's number, which is another one every time: 0 where the
    /// answer has the number of its question.
    static func withoutNumber(_ received: RecordedBytes, of exchange: RawExchange) -> RecordedBytes {
        guard exchange.finish == .lengthPrefixed else { return received }
        return RecordedBytes(mixed(received.bytes, at: 2, with: exchange.send))
    }

    static func withoutNumber(_ received: RecordedBytes, of exchange: DatagramExchange) -> RecordedBytes {
        RecordedBytes(mixed(received.bytes, at: 0, with: exchange.payload))
    }

    /// The bytes with those at `position` and behind it combined with the question's; twice is not at all.
    static func mixed(_ bytes: [UInt8], at position: Int, with question: [UInt8]) -> [UInt8] {
        guard bytes.count > position + 1, question.count > position + 1 else { return bytes }
        var bytes = bytes
        for index in position...(position + 1) { bytes[index] ^= question[index] }
        return bytes
    }

    private static func dns(_ exchange: RawExchange) -> String {
        exchange.finish == .lengthPrefixed ? " \(hex(exchange.send.dropFirst(4)))" : ""
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
