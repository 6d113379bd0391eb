/// Describes one HTTP request.
public struct HTTPRequest: Sendable {
    /// Holds the method, any HTTP token, sent as written.
    public var method: String
    /// Holds the absolute `http` or `https` URL, already percent-encoded; its path is sent as written.
    public var url: String
    /// Holds the header fields in the order they are sent.
    ///
    /// `Content-Length` may be given if it equals the body's length; `Transfer-Encoding` may not be given.
    /// `Host`, `Accept: */*` and `Content-Length` are added if they are not given; `Content-Type`, `Expect`,
    /// `User-Agent` and `Accept-Encoding` are not.
    public var headers: [HTTPHeader]
    /// Holds the body; `nil` sends none (`POST`, `PUT` and `PATCH` then announce a length of 0).
    public var body: [UInt8]?
    /// Holds limits, timeouts and how to connect.
    public var options: HTTPOptions

    /// Creates a request; nothing is checked before it is sent.
    public init(
        method: String = "GET",
        url: String,
        headers: [HTTPHeader] = [],
        body: [UInt8]? = nil,
        options: HTTPOptions = HTTPOptions()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.options = options
    }
}
