internal import CurlTransport
internal import Documents

/// The format of `tls`: beside `http` how the server is verified, alone a probe of its own.
enum TLSFormat {
    /// What `tls` says, before it is known which of the two it is.
    struct Options: Sendable {
        var port: Int?
        var hostname: String?
        var caFile: String?
        var minVersion: TLSVersion
        var verifies: Bool
        var allowsLoopback: Bool
        var requests: Int

        /// The options of an `http` probe.
        var ofHTTP: HTTPCheck.TLS { HTTPCheck.TLS(caFile: caFile, minVersion: minVersion) }

        /// The probe.
        var check: TLSCheck {
            TLSCheck(
                port: port ?? 443, hostname: hostname, caFile: caFile, minVersion: minVersion, verifies: verifies,
                allowsLoopback: allowsLoopback, requests: requests)
        }
    }

    /// The keys that only a probe of its own has.
    static let probeKeys = ["port", "hostname", "verify", "allowLoopback", "requests"]

    private static let port = DocumentKey(
        "port", DocumentFormat<Int>.integer(in: 1...65535), defaultText: "443",
        summary: "The port on the instance; not beside http.")
    private static let hostname = DocumentKey(
        "hostname", HTTPFormat.host,
        summary: "The name that is asked for and verified; the instance's address is dialled. Not beside http.")
    private static let caFile = DocumentKey(
        "caFile", DocumentFormat<String>.text("a path"),
        summary: "A PEM file of the only authorities to trust, beside the check file.")
    private static let minVersion = DocumentKey(
        "minVersion", DocumentFormat<TLSVersion>.choice, defaultText: "\"1.2\"", summary: "The oldest TLS to accept.")
    private static let verify = DocumentKey(
        "verify", DocumentFormat<Bool>.boolean, defaultText: "true",
        summary: "false: only the assertions judge the certificate. Not beside http.")

    /// The options.
    static let tls = DocumentFormat<Options>.object(
        "tls",
        keys: [
            port.shape, hostname.shape, caFile.shape, minVersion.shape, verify.shape,
            LoopbackFormat.allowLoopback.shape, DurationFormat.requests.shape,
        ]
    ) { object in
        Options(
            port: object[port], hostname: object[hostname], caFile: object[caFile],
            minVersion: object[minVersion] ?? .tls12, verifies: object[verify] ?? true,
            allowsLoopback: object[LoopbackFormat.allowLoopback] ?? false,
            requests: object[DurationFormat.requests] ?? 1)
    }
}
