/// One proposed check: its lines in the file, comments included.
struct ProposedCheck: Sendable, Hashable {
    var id: String
    /// Why it is there and what to change, a line each.
    var about: [String]
    /// The lines below `id`, from the first column of a check's keys on.
    var body: [String]

    /// The phases of a service that the original can be asked for, too.
    static let servicePhases = "phase: [baseline, verify, bake, rollback]"

    /// The check in the file, with an empty line after it.
    var lines: [String] {
        about.map { "  # \($0)" } + ["  - id: \(id)"] + body.map { "    \($0)" } + [""]
    }

    static func http(port: Int, path: String, about: String) -> ProposedCheck {
        ProposedCheck(
            id: "http-\(port)", about: [about],
            body: [
                "http: {port: \(port), path: \(ProposalText.quoted(path))}",
                "assert:",
                "  - status: {in: [200, 204]}      # a redirect is no page: name its code if it is right",
                "  # - body: {contains: \"Welcome\"} # an error page may say 200, too",
                "  - duration: {phase: total, warning: \"~:1s\", critical: \"~:3s\"}",
                servicePhases,
            ])
    }

    /// An answer and a certificate over TLS; without a host name the proposal has one that must be changed.
    static func https(port: Int, hostname: String?) -> [ProposedCheck] {
        let name = ProposalText.quoted(hostname ?? "www.example.org")
        let hint = hostname == nil ? "   # your own name: with this one it cannot pass" : ""
        return [
            ProposedCheck(
                id: "https-\(port)", about: ["An untrusted, expired or foreign certificate fails it, too."],
                body: [
                    "http:",
                    "  scheme: https",
                    "  port: \(port)",
                    "  hostname: \(name)\(hint)",
                    "  path: \"/\"",
                    "assert:",
                    "  - status: {in: [200, 204]}      # a redirect is no page: name its code if it is right",
                    "  - duration: {phase: total, warning: \"~:1s\", critical: \"~:3s\"}",
                    servicePhases,
                ]),
            certificate(port: port),
        ]
    }

    /// How long a certificate is valid, whoever signed it.
    static func certificate(port: Int) -> ProposedCheck {
        ProposedCheck(
            id: "certificate-\(port)",
            about: ["How long the certificate is valid. With a hostname, remove verify: then it is trusted, too."],
            body: [
                "tls: {port: \(port), verify: false}     # hostname: www.example.org",
                "assert:",
                "  - certificate: {expiresIn: {warning: \"14d:\", critical: \"2d:\"}}", servicePhases,
            ])
    }

    /// A TCP port; with `expect` what the server must say, after `send` where it does not speak first.
    static func tcp(
        id: String, port: Int, send: String? = nil, expect: String? = nil, about: [String]
    ) -> ProposedCheck {
        let texts = [send.map { "send: \"\($0)\"" }, expect.map { "expect: \"\($0)\"" }].compactMap(\.self)
        return ProposedCheck(
            id: "\(id)-\(port)", about: about,
            body: ["tcp: {\((["port: \(port)"] + texts).joined(separator: ", "))}", servicePhases])
    }

    static func dns(port: Int) -> ProposedCheck {
        ProposedCheck(
            id: "dns-\(port)", about: ["The instance is asked; without an assertion there must be an answer."],
            body: [
                "dns: {name: www.example.org, type: A, port: \(port)}   # a name that it must know",
                servicePhases,
            ])
    }

    /// Nothing left to patch, asked once since the answer does not change from one minute to the next.
    static let patched = ProposedCheck(
        id: "packages", about: ["The replacement must be fully patched before it takes over."],
        body: [
            "patched:",
            "  scope: all",
            "  rebootRequired: forbid",
            "  staleServices: allow          # warning, where services are restarted after updates",
            "timeout: 2m                     # package lists may be slow",
            "startupGrace: 30s               # cloud-init, which patches, ends a moment later",
            "successThreshold: 1",
            "stableFor: 0s",
            "failureThreshold: 1",
            "phase: [verify]",
        ])
}
