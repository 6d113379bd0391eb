/// One resource of the REST API, below `/1.0`.
public struct LXDResource: Sendable, Hashable {
    /// The components of the path after `/1.0`, not yet percent-encoded, such as `["instances", "web-1", "state"]`.
    public var path: [String]
    /// The query, without `project`, which the client adds.
    public var query: [String: String]

    /// Creates a resource.
    public init(_ path: String..., query: [String: String] = [:]) {
        self.path = path
        self.query = query
    }

    /// The server itself, `/1.0`.
    public static let server = LXDResource()

    /// One instance.
    public static func instance(_ name: String, query: [String: String] = [:]) -> LXDResource {
        LXDResource("instances", name, query: query)
    }

    /// A file of an instance, running or not.
    public static func file(_ path: String, of instance: String) -> LXDResource {
        LXDResource("instances", instance, "files", query: ["path": path])
    }
}
