internal import Glibc

/// A domain name (RFC 1035, section 3.1), in lower case, since names are compared without regard to case.
struct DNSName: Sendable, Hashable, CustomStringConvertible {
    /// How many bytes a name takes at most, lengths of labels and the root included (RFC 1035, section 2.3.4).
    static let maximumBytes = 255
    /// How many bytes a label has at most.
    static let maximumLabelBytes = 63

    /// The labels from left to right, without the root's empty one.
    let labels: [[UInt8]]

    /// Takes labels; `nil` when one of them or the whole is too long, or one is empty.
    init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ (1...Self.maximumLabelBytes).contains($0.count) }),
            labels.reduce(1, { $0 + $1.count + 1 }) <= Self.maximumBytes
        else { return nil }
        self.labels = labels.map { label in
            label.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        }
    }

    /// Reads `www.example.org`, with or without a dot at its end; letters, digits, `-`, `_`, `/` and `*` only.
    init?(text: String) {
        guard text.wholeMatch(of: /[A-Za-z0-9_*.\/-]+/) != nil else { return nil }
        if text == "." {
            self.init(labels: [])
            return
        }
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        self.init(labels: name.split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) })
    }

    /// The name under which a numeric address is looked up in reverse; `nil` for anything else.
    ///
    /// `4.3.2.1.in-addr.arpa` (RFC 1035, section 3.5) or one digit per label below `ip6.arpa` (RFC 3596, section 2.5).
    init?(reverseOf address: String) {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 {
            let bytes = withUnsafeBytes(of: four) { Array($0) }
            self.init(text: bytes.reversed().map { "\($0)." }.joined() + "in-addr.arpa")
            return
        }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, address, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: sixteen) { Array($0) }
        let digits = bytes.reversed().flatMap { [$0 & 0xF, $0 >> 4] }
        self.init(text: digits.map { "\(String($0, radix: 16))." }.joined() + "ip6.arpa")
    }

    /// The name as it is written in zone files, without a dot at its end; `.` is the root.
    var description: String {
        labels.isEmpty ? "." : labels.map(Self.text).joined(separator: ".")
    }

    /// The name as it stands in a message, uncompressed.
    var bytes: [UInt8] {
        labels.flatMap { [UInt8($0.count)] + $0 } + [0]
    }

    /// A label with `.` and `\` quoted and everything that is not printable as `\DDD` (RFC 1035, section 5.1).
    private static func text(_ label: [UInt8]) -> String {
        label.map { byte in
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "\\"): "\\\(Character(Unicode.Scalar(byte)))"
            case 0x21...0x7E: String(Character(Unicode.Scalar(byte)))
            default: "\\" + String(repeating: "0", count: 3 - String(byte).count) + String(byte)
            }
        }.joined()
    }
}
