internal import Glibc

/// Refuses addresses that a check must never be made to visit.
///
/// A check file or a provider's answer must not turn the controller into a reader of cloud metadata services, whose
/// addresses hand out credentials (server-side request forgery). Only the numeric forms of `inet_pton` are addresses:
/// decimal, octal, hexadecimal and shortened ones, which resolvers understand, and ones with a zone are refused.
enum AddressGuard {
    /// Why the address is refused; `nil` when it may be probed.
    static func refusal(of address: String?, allowsLoopback: Bool) -> String? {
        guard let address else { return "the instance has no address" }
        guard let bytes = bytes(of: address) else { return "\"\(address)\" is not a numeric address" }
        let forms = bytes.count == 4 ? [] : embeddedIPv4(in: bytes)
        // An embedded one that is no machine's leads nowhere.
        let kinds = [kind(of: bytes)] + forms.map(kind(ofIPv4:)).filter { $0 != .noMachine }
        if kinds.contains(.linkLocal) { return "\(address) is link-local: metadata services live there" }
        if kinds.contains(.metadata) { return "\(address) is a metadata service" }
        if kinds.contains(.noMachine) { return "\(address) is no address of a machine" }
        let isRefused = kinds.contains(.loopback) && !allowsLoopback
        return isRefused ? "\(address) is a loopback address: it would reach this machine" : nil
    }

    private enum Kind {
        case ordinary
        case loopback
        case linkLocal
        case metadata
        case noMachine
    }

    /// Metadata services outside of the link-local addresses: Alibaba Cloud, Oracle Cloud (classic), Azure's wire server.
    private static let metadataIPv4: Set<[UInt8]> = [[100, 100, 100, 200], [192, 0, 0, 192], [168, 63, 129, 16]]

    /// Metadata services: EC2 `fd00:ec2::254`, Google `fd20:ce::254`, Scaleway `fd00:42::42`, Oracle
    /// `fd00:c1::a9fe:a9fe`.
    private static let metadataIPv6: Set<[UInt8]> = [
        [0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],
        [0xFD, 0x20, 0, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],
        [0xFD, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42],
        [0xFD, 0, 0, 0xC1, 0, 0, 0, 0, 0, 0, 0, 0, 0xA9, 0xFE, 0xA9, 0xFE],
    ]

    private static func kind(of bytes: [UInt8]) -> Kind {
        guard bytes.count == 16 else { return kind(ofIPv4: bytes) }
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 { return .linkLocal }
        if metadataIPv6.contains(bytes) { return .metadata }
        guard bytes.dropLast().allSatisfy({ $0 == 0 }) else { return bytes[0] == 0xFF ? .noMachine : .ordinary }
        return bytes[15] == 1 ? .loopback : bytes[15] == 0 ? .noMachine : .ordinary
    }

    private static func kind(ofIPv4 bytes: [UInt8]) -> Kind {
        if bytes[0] == 169, bytes[1] == 254 { return .linkLocal }
        if metadataIPv4.contains(bytes) { return .metadata }
        if bytes[0] == 0 || bytes[0] >= 224 { return .noMachine }
        return bytes[0] == 127 ? .loopback : .ordinary
    }

    /// The IPv4 addresses to which a network may pass on what is sent to an IPv6 address: NAT64 (RFC 6052 and 8215), 6to4
    /// (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214), IPv4-compatible (RFC 4291).
    private static func embeddedIPv4(in bytes: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        let isNAT64 = bytes.starts(with: [0, 0x64, 0xFF, 0x9B])
        let isCompatible = bytes.prefix(12).allSatisfy { $0 == 0 } && bytes[12...].contains { $0 > 1 }
        let isISATAP = [0, 2].contains(bytes[8]) && bytes[9...11].elementsEqual([0, 0x5E, 0xFE])
        if isNAT64 || isCompatible || isISATAP { forms.append(Array(bytes[12...])) }
        if bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 1]) {
            // Behind prefixes of 48, 56 and 64 bits; byte 8 is left out (RFC 6052, section 2.2).
            forms += [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12]].map { $0.map { bytes[$0] } }
        }
        // IPv4-translated (RFC 2765, section 2.1).
        if bytes.prefix(8).allSatisfy({ $0 == 0 }), bytes[8...11].elementsEqual([0xFF, 0xFF, 0, 0]) {
            forms.append(Array(bytes[12...]))
        }
        if bytes.starts(with: [0x20, 0x02]) { forms.append(Array(bytes[2...5])) }
        if bytes.starts(with: [0x20, 0x01, 0, 0]) {
            forms += [Array(bytes[4...7]), bytes[12...].map { ~$0 }]
        }
        return forms
    }

    /// The 4 or 16 bytes of a numeric address; an IPv4 address mapped into an IPv6 one counts as what it is.
    private static func bytes(of address: String) -> [UInt8]? {
        guard !address.utf8.contains(0) else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, address, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: sixteen) { Array($0) }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }
}
