internal import Glibc

/// The types of records that can be asked for; the numbers are IANA's.
enum DNSRecordType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case a = "A"
    case aaaa = "AAAA"
    case cname = "CNAME"
    case mx = "MX"
    case ns = "NS"
    case ptr = "PTR"
    case srv = "SRV"
    case txt = "TXT"

    /// The number in messages: <https://www.iana.org/assignments/dns-parameters>.
    var number: UInt16 {
        switch self {
        case .a: 1
        case .ns: 2
        case .cname: 5
        case .ptr: 12
        case .mx: 15
        case .txt: 16
        case .aaaa: 28
        case .srv: 33
        }
    }

    var description: String { rawValue }

    /// How an expected value is written, in words.
    var form: String {
        switch self {
        case .a: "an IPv4 address"
        case .aaaa: "an IPv6 address"
        case .cname, .ns, .ptr: "a domain name"
        case .mx: "a preference and a name, such as \"10 mail.example.org\""
        case .srv: "priority, weight, port and a name, such as \"0 5 5060 sip.example.org\""
        case .txt: "a text"
        }
    }

    /// The value in the form in which records are decoded, so that both can be compared; `nil` when it is none.
    func canonical(_ text: String) -> String? {
        switch self {
        case .a, .aaaa: DNSAddress.canonical(text, family: self == .a ? AF_INET : AF_INET6)
        case .cname, .ns, .ptr: DNSName(text: text)?.description
        case .mx: Self.canonical(text, numbers: 1)
        case .srv: Self.canonical(text, numbers: 3)
        case .txt: text
        }
    }

    /// Numbers of 16 bits and then a name, separated by spaces.
    private static func canonical(_ text: String, numbers: Int) -> String? {
        let words = text.split(separator: " ")
        guard words.count == numbers + 1, let name = words.last.flatMap({ DNSName(text: String($0)) }) else {
            return nil
        }
        let values = words.dropLast().compactMap { UInt16($0) }
        guard values.count == numbers else { return nil }
        return values.map { "\($0) " }.joined() + name.description
    }
}
