import Crypto
import Foundation

/// SHA-256 digests as text.
enum ContentDigest {
    /// The digest of these bytes in lower-case hexadecimal.
    static func hexadecimal(of bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: Data(bytes))) }

    /// A digest in lower-case hexadecimal.
    static func hexadecimal(_ digest: SHA256Digest) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
