internal import CurlTransport
internal import Workflow

/// Sends HTTP requests to an address, mostly one, and judges the answers.
struct HTTPProbe: Probe {
    static let maximumBodyBytes = 1 << 20

    var network: any NetworkProbing
    var clock: any WorkflowClock
    var check: HTTPCheck
    var assertions: [Assertion]
    /// A numeric address that the guard has let through.
    var address: String
    /// The check's header fields with secrets resolved.
    var headers: [HTTPHeader]
    /// The authorities' file, resolved beside the check file.
    var caFile: String?

    func read(timeout: Span) async -> ProbeReading {
        do throws(TransportError) {
            let answers = try await RepeatedRequests(count: check.requests, clock: clock).answers(within: timeout) {
                (rest: Span) async throws(TransportError) -> ProbeAnswer in
                ProbeAnswer(try await network.send(request(timeout: rest)))
            }
            return AssertionJudge(now: clock.wallTime()).reading(of: assertions, in: answers)
        } catch {
            return error.reading
        }
    }

    private func request(timeout: Span) -> HTTPRequest {
        let host = check.hostname ?? (address.contains(":") ? "[\(address)]" : address)
        let capturesCertificates = assertions.contains { if case .certificate = $0 { true } else { false } }
        return HTTPRequest(
            method: check.method.rawValue, url: "\(check.scheme.rawValue)://\(host):\(check.port)\(check.path)",
            headers: headers,
            options: HTTPOptions(
                connectTimeout: timeout.duration, totalTimeout: timeout.duration,
                maxResponseBytes: Self.maximumBodyBytes, pinnedAddress: check.hostname == nil ? nil : address,
                tls: TLSOptions(
                    caFile: caFile, minimumVersion: check.tls.minVersion, captureCertificates: capturesCertificates),
                reuseConnection: false))
    }
}
