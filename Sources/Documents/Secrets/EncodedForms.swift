/// The forms that a secret commonly has inside of other texts.
enum EncodedForms {
    /// The shortest secret that is looked for in other forms than its own, in bytes.
    static let minimumBytes = 8

    /// The secret itself, and for longer ones what it is in JSON, in a URL and in base64.
    static func all(of secret: [UInt8]) -> [[UInt8]] {
        guard secret.count >= minimumBytes else { return [secret] }
        return [
            secret, json(secret, escapesSlash: false), json(secret, escapesSlash: true),
            percent(secret, "0123456789ABCDEF"),
            percent(secret, "0123456789abcdef"),
        ] + (0..<3).map { base64(secret, after: $0) }
    }

    /// As in a JSON string (RFC 8259, section 7).
    private static func json(_ secret: [UInt8], escapesSlash: Bool) -> [UInt8] {
        secret.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "/") where escapesSlash: return [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): return Array("\\n".utf8)
            case UInt8(ascii: "\t"): return Array("\\t".utf8)
            default: return [byte]
            }
        }
    }

    /// As in a URL, with everything encoded that is not unreserved (RFC 3986, section 2.3).
    private static func percent(_ secret: [UInt8], _ digits: String) -> [UInt8] {
        let digits = Array(digits.utf8)
        return secret.flatMap { byte -> [UInt8] in
            let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            let isUnreserved = isLetter || (0x30...0x39).contains(byte) || Array("-._~".utf8).contains(byte)
            return isUnreserved ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    /// The digits of base64 that depend on the secret alone when so many bytes, 0 to 2, stand before it in its group.
    private static func base64(_ secret: [UInt8], after count: Int) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        // The first group is shared with what stands before, the last with what comes after.
        let whole = Array(secret.dropFirst(count == 0 ? 0 : 3 - count))
        return stride(from: 0, to: whole.count - whole.count % 3, by: 3).flatMap { start -> [UInt8] in
            let bits = Int(whole[start]) << 16 | Int(whole[start + 1]) << 8 | Int(whole[start + 2])
            return [18, 12, 6, 0].map { alphabet[bits >> $0 & 63] }
        }
    }
}
