internal import CurlTransport
internal import Workflow

/// One answer of a test, given to a check in place of the outside world's.
struct CannedAnswer: Sendable, Hashable {
    /// What is answered.
    enum Content: Sendable, Hashable {
        case response(status: Int, headers: [HTTPHeader], body: String)
        /// What a TCP server sends.
        case bytes(String)
        /// A TLS handshake that succeeds.
        case handshake
        case dns(rcode: DNSResponseCode, values: [String])
        case command(CommandResult)
        /// The states of units that are not simply active, and the failed units.
        case systemd(units: [String: String], failed: [String])
        case patched(PatchStatus)
        /// One of ``failures``.
        case failure(String)
    }

    var content: Content
    var certificate: CannedCertificate?
    /// How long the answer takes, in virtual time.
    var after: Span
    /// How often it is given.
    var times: Int

    /// The failures of network, commands and inspections, by the words of the results' reasons.
    static let failures = transportFailures.map(\.word) + commandFailures + inspectionFailures

    static let transportFailures: [(word: String, code: TransportError.Code)] = [
        ("dns", .dns), ("connect", .connect), ("timeout", .timeout), ("reset", .reset), ("protocol", .protocolError),
        ("too-large", .tooLarge), ("tls", .tls), ("tls:expired", .tlsExpired), ("tls:untrusted", .tlsUntrusted),
        ("tls:hostname", .tlsHostname),
    ]
    static let commandFailures = ["signal", "unreachable", "notFound", "notPermitted"]
    static let inspectionFailures = [
        "repositoryUnavailable", "unsupportedSystem", "locked", "commandFailed", "malformedOutput",
    ]
}

/// The certificate of a canned answer.
struct CannedCertificate: Sendable, Hashable {
    var subject: String
    var issuer: String
    var names: [String]
    /// From the virtual time of the answer.
    var expiresIn: Span

    func certificate(at now: WallTime) -> PeerCertificate {
        let end = now + expiresIn
        return PeerCertificate(
            subject: subject, issuer: issuer, notBefore: "Jan  1 00:00:00 2020 GMT", notAfter: "in \(expiresIn.text)",
            notAfterEpochSeconds: end.milliseconds / 1000, alternativeNames: names.map { .host($0) })
    }
}
