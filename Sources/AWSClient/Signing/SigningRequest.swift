internal import CurlTransport

/// What of a request is signed.
struct SigningRequest: Sendable {
    var method: String
    /// The path as written in the URL; empty means `/`.
    var path: String
    /// The query as written in the URL, without the question mark.
    var query: String
    /// The header fields in the order they are sent, `Host` among them.
    var headers: [HTTPHeader]
    var body: [UInt8]
}
