internal import CurlTransport
internal import Workflow

/// Asks a Prometheus server by its HTTP API and judges every value of the answer.
///
/// That Prometheus does not answer says nothing of the service: it is unknown. That it answers without a value does.
/// Source: <https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries>
struct PromQLProbe: Probe {
    static let maximumBodyBytes = 1 << 20
    /// What may stand in braces in a query.
    static let placeholders = ["instance.id", "instance.name", "instance.address"]

    /// A placeholder's value that the instance does not have.
    struct MissingValue: Error {
        var name: String
    }

    var network: any NetworkProbing
    var clock: any WorkflowClock
    var check: PromQLCheck
    /// The query with all placeholders replaced.
    var query: String
    /// The check's header fields with secrets resolved.
    var headers: [HTTPHeader]
    /// The authorities' file, resolved beside the check file.
    var caFile: String?
    var allowsLoopback: Bool

    /// Puts the values into a query; no value can end the string that it stands in.
    static func query(_ text: String, with values: [String: String]) throws(MissingValue) -> String {
        var result = text
        for name in placeholders where text.contains("{\(name)}") {
            guard let value = values[name] else { throw MissingValue(name: name) }
            result = result.replacing("{\(name)}", with: escaped(value))
        }
        return result
    }

    /// Text with quotes of all three kinds, backslashes and control characters as `\xNN`, which both kinds of quoted
    /// strings of PromQL understand; raw ones keep it as it is.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            guard scalar.value < 32 || "\\\"'`".unicodeScalars.contains(scalar) else { return String(scalar) }
            return "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        }.joined()
    }

    func read(timeout: Span) async -> ProbeReading {
        let end = clock.monotonicMilliseconds() + timeout.milliseconds
        do throws(TransportError) {
            let address = try await permittedAddress(timeout: timeout)
            let rest = max(1, end - clock.monotonicMilliseconds())
            let response = try await network.send(request(to: address, timeout: Span(milliseconds: rest)))
            var reading = PromQLAnswer.reading(of: response, check)
            reading.phaseMilliseconds = response.timings.phaseMilliseconds
            return reading
        } catch {
            var reading = error.reading
            reading.outcome = .unknown
            reading.reason = "promql:\(reading.reason)"
            reading.expected = "an answer of Prometheus"
            return reading
        }
    }

    /// The server's address: the URL's, or that of a connection made for the purpose, so that a name cannot lead the
    /// request, with its header fields, to an address that must not be visited, nor to another one than was judged.
    private func permittedAddress(timeout: Span) async throws(TransportError) -> String {
        var address = check.server.host
        if DNSName(reverseOf: address) == nil {
            let result = try await network.exchange(
                RawExchange(
                    endpoint: .tcp(host: address, port: check.server.port), finish: .connected,
                    connectTimeout: timeout.duration, totalTimeout: timeout.duration))
            address = Self.host(ofRemote: result.remoteAddress)
        }
        if let reason = AddressGuard.refusal(of: address, allowsLoopback: allowsLoopback) {
            throw TransportError(code: .invalidRequest, detail: "not asked: \(reason)")
        }
        return address
    }

    /// The address in `address:port` or `[address]:port`.
    private static func host(ofRemote text: String) -> String {
        let host = text.lastIndex(of: ":").map { text[..<$0] } ?? text[...]
        return String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host)
    }

    private func request(to address: String, timeout: Span) -> HTTPRequest {
        HTTPRequest(
            url: "\(check.server.url)/api/v1/query?query=\(Self.percentEncoded(query))", headers: headers,
            options: HTTPOptions(
                connectTimeout: timeout.duration, totalTimeout: timeout.duration,
                maxResponseBytes: Self.maximumBodyBytes, pinnedAddress: address, tls: TLSOptions(caFile: caFile),
                reuseConnection: false))
    }

    /// Text with everything but the unreserved characters of RFC 3986, section 2.3, as `%XX`.
    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(Character(Unicode.Scalar(byte)))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
