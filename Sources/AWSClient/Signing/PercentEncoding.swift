/// Percent-encodes and decodes bytes as AWS does (RFC 3986: only unreserved characters stay).
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Appends bytes; those in `kept` and unreserved ones stay as they are.
    static func append(_ bytes: some Sequence<UInt8>, keeping kept: UInt8? = nil, to result: inout [UInt8]) {
        for byte in bytes {
            if isUnreserved(byte) || byte == kept {
                result.append(byte)
            } else {
                result.append(UInt8(ascii: "%"))
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
    }

    /// Encodes text for a query or a form.
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text.utf8, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Encodes a path, in which slashes stay.
    static func encodePath(_ path: String) -> String {
        var bytes: [UInt8] = []
        append(path.utf8, keeping: UInt8(ascii: "/"), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes `%XX`; whatever is no such sequence stays.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(text)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = value(bytes[index + 1]),
                let low = value(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_.~".utf8.contains(byte)
        }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
