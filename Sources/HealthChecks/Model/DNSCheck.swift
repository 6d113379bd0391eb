/// A question to a DNS server.
struct DNSCheck: Sendable, Hashable {
    enum Transport: String, Sendable, Hashable, CaseIterable {
        /// Over UDP, and over TCP after a truncated answer.
        case udp
        case tcp
    }

    var name: DNSName
    var type: DNSRecordType
    /// The server's numeric address; `nil` asks the instance.
    var server: String?
    var port = 53
    var transport: Transport = .udp
    /// Whether the server is asked to ask others (RFC 1035, RD).
    var wantsRecursion = true
    /// Whether the server may be at a loopback address.
    var allowsLoopback = false
    /// How many questions one measurement asks.
    var requests = 1
}

/// What the answers of the asked type must be.
enum DNSAnswersExpectation: Sendable, Hashable {
    /// All of these are among the answers.
    case contains([String])
    /// These and no others, in any order.
    case equals([String])
    case count(Thresholds)

    /// The values that are compared with answers.
    var values: [String] {
        switch self {
        case .contains(let values), .equals(let values): values
        case .count: []
        }
    }
}
