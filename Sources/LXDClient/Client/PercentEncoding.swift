/// Percent-encodes paths and queries (RFC 3986: only unreserved characters stay).
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// The path below `/1.0`, and the query with its parameters in the order of their names.
    static func target(_ path: [String], _ query: [String: String]) -> String {
        let path = (["", "1.0"] + path.map(encodeComponent)).joined(separator: "/")
        let query = query.sorted { $0.key < $1.key }.map { "\(encode($0.key))=\(encode($0.value))" }
        return query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
    }

    /// Encodes a component of a path, so that it stays one: dots alone would lead elsewhere.
    private static func encodeComponent(_ text: String) -> String {
        switch text {
        case ".": "%2E"
        case "..": "%2E%2E"
        default: encode(text)
        }
    }

    static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_.~".utf8.contains(byte)
        }
    }
}
