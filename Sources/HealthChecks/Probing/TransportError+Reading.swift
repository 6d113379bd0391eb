internal import CurlTransport
internal import Workflow

extension TransportError {
    /// What a failed transfer says of the service: critical where the service failed, unknown where our side did.
    var reading: ProbeReading {
        let (outcome, reason): (Measurement.Outcome, String) =
            switch code {
            case .tls where isOurFile: (.unknown, "tls:ca-file")
            case .dns: (.critical, "dns")
            case .connect, .unixSocket: (.critical, "connect")
            case .connectTimeout, .timeout, .lowSpeed: (.critical, "timeout")
            case .tls: (.critical, "tls")
            case .tlsExpired: (.critical, "tls:expired")
            case .tlsUntrusted: (.critical, "tls:untrusted")
            case .tlsHostname: (.critical, "tls:hostname")
            case .reset, .send, .receive: (.critical, "reset")
            case .protocolError, .tooManyRedirects: (.critical, "protocol")
            case .tooLarge: (.critical, "too-large")
            case .cancelled, .shutdown, .invalidRequest, .queueFull, .internal: (.unknown, "transport")
            }
        return ProbeReading(
            outcome: outcome, reason: reason, actual: description, expected: "an answer",
            phaseMilliseconds: timings?.phaseMilliseconds ?? ["total": 0])
    }

    /// Whether the file of authorities cannot be read here: `CURLE_SSL_CACERT_BADFILE`, part of libcurl's ABI.
    private var isOurFile: Bool { curlCode == 77 }
}

extension TransferTimings {
    /// How long each phase took, from the ends of the phases.
    var phaseMilliseconds: [String: Double] {
        let phases: [(ProbePhase, Duration)] = [
            (.dns, resolve), (.connect, connect - resolve), (.tls, tls - connect), (.firstByte, firstByte - tls),
            (.transfer, total - firstByte), (.total, total),
        ]
        return Dictionary(uniqueKeysWithValues: phases.map { ($0.rawValue, max(0, $1 / .milliseconds(1))) })
    }
}
