internal import CurlTransport
internal import Documents

/// An HTTP request to the instance.
struct HTTPCheck: Sendable, Hashable {
    enum Scheme: String, Sendable, Hashable, CaseIterable {
        case http
        case https
    }

    enum Method: String, Sendable, Hashable, CaseIterable {
        case get = "GET"
        case head = "HEAD"
        case options = "OPTIONS"
        case post = "POST"
    }

    var scheme: Scheme
    var port: Int
    /// Goes into the `Host` field and the TLS server name; the instance's address is dialled in any case.
    var hostname: String?
    var path: String
    var method: Method
    var headers: [String: SecretText]
    /// How `https` is verified.
    var tls: TLS = TLS()
    /// Whether the instance's address may be a loopback one.
    var allowsLoopback = false
    /// How many requests one measurement sends, one after another.
    var requests = 1

    struct TLS: Sendable, Hashable {
        /// The authorities to trust instead of the system's, as written in the file.
        var caFile: String?
        var minVersion: TLSVersion = .tls12
    }
}
