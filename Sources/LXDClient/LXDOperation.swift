/// A background operation of the server.
public struct LXDOperation: Sendable, Hashable, Decodable {
    /// Its id.
    public var id: String
    /// Whether it has ended: 200 succeeded, 400 failed, 401 cancelled; 1xx while it goes on.
    public var statusCode: Int
    /// What it failed of; empty otherwise.
    public var error: String
    /// What it says of itself, such as an exec's file descriptors and return code.
    public var metadata: LXDValue?
    /// The cluster member that runs it.
    public var location: String?

    /// What it works on, by kind, such as `instances`: `["/1.0/instances/web-1"]`.
    public var resources: [String: [String]]?

    private enum CodingKeys: String, CodingKey {
        case id, metadata, location, resources
        case statusCode = "status_code"
        case error = "err"
    }

    /// Creates an operation.
    public init(
        id: String, statusCode: Int, error: String = "", metadata: LXDValue? = nil, location: String? = nil,
        resources: [String: [String]]? = nil
    ) {
        self.id = id
        self.statusCode = statusCode
        self.error = error
        self.metadata = metadata
        self.location = location
        self.resources = resources
    }
}
