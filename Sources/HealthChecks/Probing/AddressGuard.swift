internal import Glibc

/// Refuses addresses that a check must never be made to visit.
///
/// A check file or a provider's answer must not turn the controller into a reader of cloud metadata services, whose
/// link-local addresses hand out credentials (server-side request forgery).
enum AddressGuard {
    /// Why the address is refused; `nil` when it may be probed.
    static func refusal(of address: String?, allowsLoopback: Bool) -> String? {
        guard let address else { return "the instance has no address" }
        guard let bytes = bytes(of: address) else { return "\"\(address)\" is not a numeric address" }
        let isLoopback: Bool
        switch bytes.count {
        case 4:
            if bytes[0] == 169, bytes[1] == 254 { return "\(address) is link-local: metadata services live there" }
            if bytes[0] == 0 || bytes[0] >= 224 { return "\(address) is no address of a machine" }
            isLoopback = bytes[0] == 127
        default:
            if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 {
                return "\(address) is link-local: metadata services live there"
            }
            if bytes == metadataIPv6 { return "\(address) is a metadata service" }
            if bytes[0] == 0xFF || bytes.allSatisfy({ $0 == 0 }) { return "\(address) is no address of a machine" }
            isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
        }
        return isLoopback && !allowsLoopback ? "\(address) is a loopback address: it would reach this machine" : nil
    }

    /// `fd00:ec2::254`, the address of EC2's instance metadata service.
    private static let metadataIPv6: [UInt8] = [0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54]

    /// The 4 or 16 bytes of a numeric address; an IPv4 address inside an IPv6 one counts as what it is.
    private static func bytes(of address: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, address, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: sixteen) { Array($0) }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }
}
