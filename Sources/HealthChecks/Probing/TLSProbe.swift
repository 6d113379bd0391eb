internal import CurlTransport
internal import Workflow

/// Shakes hands with a TLS server and judges its certificate.
struct TLSProbe: Probe {
    var network: any NetworkProbing
    var clock: any WorkflowClock
    var check: TLSCheck
    var assertions: [Assertion]
    /// A numeric address that the guard has let through.
    var address: String
    /// The authorities' file, resolved beside the check file.
    var caFile: String?

    func read(timeout: Span) async -> ProbeReading {
        let end = clock.monotonicMilliseconds() + timeout.milliseconds
        let security = security(verifies: check.verifies, minimum: check.minVersion)
        do throws(TransportError) {
            let answers = try await RepeatedRequests(count: check.requests, clock: clock).answers(within: timeout) {
                (rest: Span) async throws(TransportError) -> ProbeAnswer in
                ProbeAnswer(try await network.exchange(handshake(security, timeout: rest)))
            }
            return AssertionJudge(now: clock.wallTime()).reading(of: assertions, in: answers)
        } catch {
            return await reading(of: error, rest: Span(milliseconds: end - clock.monotonicMilliseconds()))
        }
    }

    /// Why the handshake failed, with what a second one, which accepts any server, tells of this one.
    ///
    /// A refused chain is not handed out by libcurl, and TLS libraries do not tell a version that is too old from other
    /// disagreements; hence the second handshake. It adds words and never makes anything better.
    private func reading(of error: TransportError, rest: Span) async -> ProbeReading {
        var reading = error.reading
        reading.expected = check.verifies ? "a trusted certificate" : "a TLS handshake"
        let isVersionInDoubt = reading.reason == "tls" && check.minVersion == .tls13
        guard rest > .zero, isVersionInDoubt || Self.certificateCodes.contains(error.code) else { return reading }
        let lenient = security(verifies: false, minimum: .tls12)
        guard let result = try? await network.exchange(handshake(lenient, timeout: rest)) else { return reading }
        if isVersionInDoubt {
            reading.reason = "tls:version"
            reading.actual = "the server speaks no TLS newer than 1.2"
            reading.expected = "TLS 1.3"
        } else if let own = result.certificates.first {
            reading.actual += "; subject \"\(own.subject)\", issuer \"\(own.issuer)\", until \(own.notAfter)"
        }
        return reading
    }

    private static let certificateCodes: Set<TransportError.Code> = [.tlsExpired, .tlsUntrusted, .tlsHostname]

    private func security(verifies: Bool, minimum: TLSVersion) -> RawExchange.Security {
        RawExchange.Security(
            serverName: check.hostname,
            options: TLSOptions(
                caFile: verifies ? caFile : nil, minimumVersion: minimum, verifiesServer: verifies,
                captureCertificates: true))
    }

    private func handshake(_ security: RawExchange.Security, timeout: Span) -> RawExchange {
        RawExchange(
            endpoint: .tcp(host: address, port: check.port), finish: .connected, connectTimeout: timeout.duration,
            totalTimeout: timeout.duration, security: security)
    }
}
