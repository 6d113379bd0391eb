import LXDClient

/// Where a proxy device listens, the same for all ways to write it.
///
/// `tcp:<address>:<ports>` and `udp:…`, with ports as a list of numbers and ranges, or `unix:<path>`, whose `@` stands
/// for an abstract socket (the documentation of LXD, device type `proxy`).
struct ProxyListen: Sendable, Hashable, CustomStringConvertible {
    private static let mostPorts = 65_535

    /// The protocol, address and ports in one way of writing.
    let description: String

    /// Reads a device's `listen`; `nil` when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        let kind = parts[0].lowercased()
        switch kind {
        case "unix": description = "unix:\(parts[1])"
        case "tcp", "udp":
            guard let colon = parts[1].lastIndex(of: ":"),
                let ports = Self.ports(String(parts[1][parts[1].index(after: colon)...])),
                let host = Self.host(String(parts[1][..<colon]))
            else { return nil }
            description = "\(kind):\(host):\(ports)"
        default: return nil
        }
    }

    private static func host(_ text: String) -> String? {
        if text.isEmpty { return "" }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        guard let address = NetworkAddress(isBracketed ? String(text.dropFirst().dropLast()) : text) else { return nil }
        return address.isVersion6 ? "[\(address.text)]" : address.text
    }

    /// The ports in order, with ranges where they follow each other.
    private static func ports(_ text: String) -> String? {
        var all: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first >= 0,
                first <= last,
                last <= mostPorts
            else { return nil }
            all.formUnion(first...last)
        }
        var ranges: [ClosedRange<Int>] = []
        for port in all.sorted() {
            if let range = ranges.last, range.upperBound == port - 1 {
                ranges[ranges.count - 1] = range.lowerBound...port
            } else {
                ranges.append(port...port)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
