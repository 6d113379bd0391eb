internal import Glibc

/// Reads and writes the addresses in `A` and `AAAA` records.
enum DNSAddress {
    /// The text of 4 or 16 bytes; `nil` for another number.
    static func text(_ bytes: [UInt8]) -> String? {
        let family: Int32
        switch bytes.count {
        case 4: family = AF_INET
        case 16: family = AF_INET6
        default: return nil
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// An address in the one form that `text(_:)` gives it; `nil` when it is none of the family.
    static func canonical(_ address: String, family: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
        guard inet_pton(family, address, &bytes) == 1 else { return nil }
        return text(bytes)
    }
}
