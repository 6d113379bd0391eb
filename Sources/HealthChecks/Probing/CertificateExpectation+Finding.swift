internal import CurlTransport
internal import Workflow

extension CertificateExpectation {
    /// What the server's certificates say: the worst of the parts that are asked for.
    func finding(in answer: ProbeAnswer, at now: WallTime) -> Finding {
        guard let own = answer.certificates.first else {
            return .judge(false, actual: "no certificate", expected: "a certificate")
        }
        let findings = [
            expiresIn.map { expiry($0, answer.certificateExpiry, now) },
            subject.map { text($0, own.subject, "subject") },
            issuer.map { text($0, own.issuer, "issuer") },
            name.map { names($0, own.alternativeNames) },
        ]
        return Finding.worst(findings.compactMap(\.self))
            ?? .judge(false, actual: "a certificate", expected: "something to look for")
    }

    private func expiry(_ thresholds: Thresholds, _ expiry: Int64?, _ now: WallTime) -> Finding {
        guard let expiry else {
            return .judge(false, actual: "no expiry date", expected: "a certificate that expires")
        }
        let left = WallTime(milliseconds: expiry * 1000).since(now)
        let days = Double(left.milliseconds) / 86_400_000
        let text = "certificate expires in \((days * 10).rounded(.down) / 10) days"
        return .number(Double(left.milliseconds), thresholds, actual: text, name: "expiry")
    }

    private func text(_ rule: TextExpectation, _ value: String, _ name: String) -> Finding {
        .judge(
            !value.isEmpty && rule.holds(for: value), actual: "\(name) \"\(value)\"", expected: "\(name) \(rule.words)")
    }

    private func names(_ wanted: String, _ names: [PeerCertificate.AlternativeName]) -> Finding {
        let shown = names.isEmpty ? "no name" : names.map(\.text).joined(separator: ", ")
        return .judge(
            names.contains { $0.covers(wanted) }, actual: "certificate for \(shown)",
            expected: "certificate for \(wanted)")
    }
}

extension PeerCertificate.AlternativeName {
    /// The name itself.
    var text: String {
        switch self {
        case .host(let text), .address(let text), .other(let text): text
        }
    }

    /// Whether the certificate's name stands for a host or an address (RFC 9525, section 6).
    ///
    /// `*` counts for exactly one whole label, the first; the subject's common name never counts.
    func covers(_ name: String) -> Bool {
        switch self {
        case .other: return false
        case .address(let address):
            guard let wanted = DNSName(reverseOf: name) else { return false }
            return DNSName(reverseOf: address) == wanted
        case .host(let host):
            guard DNSName(reverseOf: name) == nil, let pattern = DNSName(text: host), let wanted = DNSName(text: name)
            else { return false }
            guard pattern.labels.first == Array("*".utf8), pattern.labels.count > 2 else { return pattern == wanted }
            guard pattern.labels.count == wanted.labels.count else { return false }
            return pattern.labels.dropFirst() == wanted.labels.dropFirst()
        }
    }
}
