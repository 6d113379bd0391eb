import Crypto
import Foundation

/// A public key as OpenSSH writes it: its type and its Base64 form.
struct SSHPublicKey: Sendable, Hashable {
    /// The type, such as `ssh-ed25519`.
    let type: String
    /// The whole key in Base64.
    let base64: String

    /// Creates a key from two words; `nil` when they are none.
    ///
    /// A key begins with its type, preceded by the type's length in four bytes (RFC 4253, section 6.6).
    init?(type: some StringProtocol, base64: some StringProtocol) {
        let name = Array(type.utf8)
        guard !name.isEmpty, name.count < 64, let blob = Data(base64Encoded: String(base64)) else { return nil }
        guard blob.starts(with: [0, 0, 0, UInt8(name.count)] + name), blob.count > name.count + 8 else { return nil }
        self.type = String(type)
        self.base64 = String(base64)
    }

    /// The first key in a line, whatever stands before and after it; `nil` when there is none.
    init?(in line: some StringProtocol) {
        let words = line.split(whereSeparator: \.isWhitespace)
        for (type, base64) in zip(words, words.dropFirst()) {
            guard let key = SSHPublicKey(type: type, base64: base64) else { continue }
            self = key
            return
        }
        return nil
    }

    /// The fingerprint as OpenSSH prints it: `SHA256:` and the digest in Base64 without padding.
    var fingerprint: String {
        let digest = Data(SHA256.hash(data: Data(base64Encoded: base64) ?? Data()))
        return "SHA256:" + digest.base64EncodedString().filter { $0 != "=" }
    }
}
