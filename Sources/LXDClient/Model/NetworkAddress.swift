internal import Glibc

/// An address of the Internet protocol, the same for all ways to write it.
public struct NetworkAddress: Sendable, Hashable {
    /// Whether it is of version 6.
    public let isVersion6: Bool
    /// The address in the usual way of writing.
    public let text: String

    /// Reads an address; `nil` when it is none.
    public init?(_ text: String) {
        isVersion6 = text.contains(":")
        let family = isVersion6 ? AF_INET6 : AF_INET
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(family, text, &bytes) == 1 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        self.text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
