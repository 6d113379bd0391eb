internal import Documents

/// What a check or a member of a group measures: one kind of probe with its options and assertions.
struct CheckContent: Sendable {
    var kind: Check.Kind
    var assertions: [Assertion]
}

/// The format of a probe with `tls` and `assert` beside it.
enum ContentFormat {
    private static let tls = DocumentKey(
        "tls", TLSFormat.tls,
        summary: "Beside http how the server is verified; alone a TLS handshake with the instance.")
    private static let assertions = DocumentKey(
        "assert", .list(of: AssertionFormat.assertion), summary: "What must hold of the answer; all of it.")

    /// The kinds of probe besides `tls`.
    static let probes: [DocumentKey<Check.Kind>] = [
        DocumentKey("http", HTTPFormat.http.map(Check.Kind.http), summary: "Sends an HTTP request to the instance."),
        DocumentKey("tcp", TCPFormat.tcp.map(Check.Kind.tcp), summary: "Connects to a TCP port of the instance."),
        DocumentKey("dns", DNSFormat.dns.map(Check.Kind.dns), summary: "Asks a DNS server, such as the instance."),
        DocumentKey("exec", ExecFormat.exec.map(Check.Kind.exec), summary: "Runs a command or a monitoring plugin."),
        DocumentKey(
            "systemd", SystemdFormat.systemd.map(Check.Kind.systemd), summary: "Asks the instance's service manager."),
        DocumentKey("patched", PatchedFormat.patched.map(Check.Kind.patched), summary: "Asks what is left to patch."),
        DocumentKey("promql", PromQLFormat.promql.map(Check.Kind.promql), summary: "Asks a Prometheus server."),
    ]

    /// The rows of the table for these kinds.
    static func rows(_ kinds: [DocumentKey<Check.Kind>]) -> [DocumentObjectShape.Key] {
        [tls.shape, assertions.shape] + kinds.map(\.shape)
    }

    /// The rules of a mapping with these kinds.
    static func rules(_ kinds: [DocumentKey<Check.Kind>]) -> [DocumentRule] {
        ContentRules.rules(kinds: kinds.map(\.name))
    }

    /// Reads the probe and what belongs to it from a mapping.
    static func read(_ object: DocumentObject, _ kinds: [DocumentKey<Check.Kind>]) -> CheckContent? {
        let tls = object[tls]
        let assertions = object[assertions]
        let isTLSProbe = object.contains("tls") && !kinds.contains { object.contains($0.name) }
        let kind = isTLSProbe ? tls.map { Check.Kind.tls($0.check) } : object.exactlyOne(of: kinds)
        guard let kind else { return nil }
        return CheckContent(kind: with(tls, in: kind), assertions: assertions ?? [])
    }

    private static func with(_ tls: TLSFormat.Options?, in kind: Check.Kind) -> Check.Kind {
        guard let tls, case .http(var http) = kind else { return kind }
        http.tls = tls.ofHTTP
        return .http(http)
    }
}
