/// What a DNS server says of a question (RFC 1035, section 4.1.1, and RFC 2136).
struct DNSResponseCode: Sendable, Hashable, CustomStringConvertible {
    /// The number, 0 to 15.
    let number: UInt8

    static let noError = DNSResponseCode(number: 0)
    static let formatError = DNSResponseCode(number: 1)

    /// The names of the codes from 0 on.
    static let names = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
        "NOTZONE",
    ]

    /// Every code that has a name, with it.
    static let named: [(word: String, value: DNSResponseCode)] = names.enumerated().map { number, name in
        (word: name, value: DNSResponseCode(number: UInt8(number)))
    }

    var description: String {
        Int(number) < Self.names.count ? Self.names[Int(number)] : "RCODE\(number)"
    }
}
