internal import CurlTransport
internal import Workflow

/// One request to the API.
struct Call: Sendable {
    var method: String
    var resource: LXDResource
    /// After this long without a complete answer the request has failed.
    var timeout: Span
    var headers: [HTTPHeader] = []
    var body: [UInt8]?
    var maxBytes = LXDClient.maxAnswerBytes
    /// Whether the server is asked to wait before it answers.
    var isLongPoll = false
    /// Whether it opens a web socket, which can be done once.
    var isSocket = false

    init(method: String, resource: LXDResource, timeout: Span) {
        self.method = method
        self.resource = resource
        self.timeout = timeout
    }

    /// Whether it may change something, so that an answer that is lost leaves open whether it did.
    var isChange: Bool { method != "GET" }

    /// What is asked, for messages, such as `PUT /1.0/instances/web-1`.
    var label: String { "\(method) \(PercentEncoding.target(resource.path, [:]))" }

    /// What is asked, with the names taken out, for counting, such as `PUT /1.0/instances/{name}`.
    var action: String { "\(method) /\((["1.0"] + Self.pattern(of: resource.path)).joined(separator: "/"))" }

    /// Replaces the names: collections and names alternate, except below the collections that are listed.
    private static func pattern(of path: [String]) -> [String] {
        var pattern: [String] = []
        var isName = false
        for component in path {
            guard isName else {
                pattern.append(component)
                isName = true
                continue
            }
            if collections[pattern.last ?? ""]?.contains(component) == true {
                pattern.append(component)
            } else {
                pattern.append("{name}")
                isName = false
            }
        }
        return pattern
    }

    /// What may stand where a name is expected and is none: parts of collections, and the types of volumes.
    private static let collections: [String: Set<String>] = [
        "images": ["aliases"], "cluster": ["members", "groups"],
        "volumes": ["custom", "container", "virtual-machine", "image"],
    ]
}
