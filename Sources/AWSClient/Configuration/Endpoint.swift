/// Where requests go: scheme, host and port, and a path that they begin with.
struct Endpoint: Sendable, Equatable {
    /// Scheme, host and port.
    let origin: String
    /// What `Host` says.
    let host: String
    /// The path, `/` at least.
    let path: String

    /// Whether it is one of AWS's own.
    var isAWS: Bool { host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn") }

    /// Reads a URL that somebody configured.
    init(_ url: String) throws(AWSError) {
        let refusal = AWSError.configuration("an endpoint is no URL such as https://host:port")
        let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0]), url.utf8.count <= 1024,
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !url.contains(where: { "@?#\\\"<>".contains($0) })
        else { throw refusal }
        let authority = parts[1].prefix { $0 != "/" }
        guard !authority.isEmpty else { throw refusal }
        let rest = String(parts[1].dropFirst(authority.count))
        let scheme = String(parts[0])
        origin = "\(scheme)://\(authority)"
        let standard = scheme == "https" ? ":443" : ":80"
        host = authority.hasSuffix(standard) ? String(authority.dropLast(standard.count)) : String(authority)
        path = rest.isEmpty ? "/" : rest
    }
}
