internal import Documents

/// A query to a Prometheus server.
struct PromQLCheck: Sendable, Hashable {
    /// What an answer without any value means; it is never good.
    enum NoDataRule: String, Sendable, Hashable, CaseIterable {
        case critical
        /// The measurement says nothing of the service.
        case inconclusive
    }

    /// Where Prometheus is.
    struct Server: Sendable, Hashable {
        /// The URL up to `/api/v1`, without a slash at its end.
        var url: String
        /// The URL's host, an IPv6 address without brackets.
        var host: String
        var port: Int
        var isSecure: Bool
    }

    var server: Server
    /// The query; `{instance.id}`, `{instance.name}` and `{instance.address}` stand for the instance under test.
    var query: String
    var thresholds: Thresholds
    var onNoData: NoDataRule = .critical
    var headers: [String: SecretText] = [:]
    /// The authorities to trust instead of the system's, as written in the file.
    var caFile: String?
    /// Whether the server may be at a loopback address.
    var allowsLoopback = false
}
