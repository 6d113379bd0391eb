extension LXDCalling {
    /// The operations under way that keep others off what they work on; commands that run and consoles do not.
    public func runningTasks() async throws(LXDError) -> [LXDOperation] {
        let all = try await read(
            LXDResource("operations", query: ["recursion": "1"]), as: [String: [ListedOperation]].self
        ).value
        return all.values.joined().filter { $0.kind == nil || $0.kind == "task" }.map {
            LXDOperation(id: $0.id, statusCode: $0.statusCode, location: $0.location, resources: $0.resources)
        }.filter { $0.statusCode < 200 }
    }
}

/// What counts of an operation in the list of all; not its metadata, which may be anything.
private struct ListedOperation: Decodable, Sendable {
    var id: String
    var kind: String?
    var statusCode: Int
    var location: String?
    var resources: [String: [String]]?

    private enum CodingKeys: String, CodingKey {
        case id, location, resources
        case kind = "class"
        case statusCode = "status_code"
    }
}
