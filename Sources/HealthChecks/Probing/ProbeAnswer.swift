internal import CurlTransport

/// What assertions look at; parts that a kind of probe does not have stay empty.
struct ProbeAnswer: Sendable {
    var status: Int?
    var headers: [HTTPHeader] = []
    var body: [UInt8] = []
    /// The server's chain, its own certificate first.
    var certificates: [PeerCertificate] = []
    var responseCode: DNSResponseCode?
    /// The values of the records that were asked for, and their type.
    var records: (type: DNSRecordType, values: [String])?
    var timings: TransferTimings

    init(timings: TransferTimings) {
        self.timings = timings
    }

    init(_ response: HTTPResponse) {
        status = response.status
        headers = response.headers
        body = response.body
        certificates = response.certificates
        timings = response.timings
    }

    init(_ result: RawExchangeResult) {
        certificates = result.certificates
        timings = result.timings
    }

    /// When the first certificate of the chain to expire does so, in seconds since 1970.
    ///
    /// The chain is as good as that one; an unreadable date makes the whole unknown, `nil`.
    var certificateExpiry: Int64? {
        let expiries = certificates.map(\.notAfterEpochSeconds)
        return expiries.contains(nil) ? nil : expiries.compactMap(\.self).min()
    }
}
