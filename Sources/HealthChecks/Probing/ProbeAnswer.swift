internal import CurlTransport

/// What assertions look at; parts that a kind of probe does not have stay empty.
struct ProbeAnswer: Sendable {
    var status: Int?
    var headers: [HTTPHeader] = []
    var body: [UInt8] = []
    /// When the server's certificate expires, in seconds since 1970; `nil` when unknown.
    var certificateExpiry: Int64?
    var timings: TransferTimings

    init(timings: TransferTimings) {
        self.timings = timings
    }

    init(_ response: HTTPResponse) {
        status = response.status
        headers = response.headers
        body = response.body
        // The chain is as good as its first certificate to expire; an unreadable date makes the whole unknown.
        let expiries = response.certificates.map(\.notAfterEpochSeconds)
        certificateExpiry = expiries.contains(nil) ? nil : expiries.compactMap(\.self).min()
        timings = response.timings
    }
}
