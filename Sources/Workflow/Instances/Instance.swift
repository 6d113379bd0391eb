/// One instance as its provider reports it: an observation, true at the time it was read.
public struct Instance: Sendable, Hashable, Codable {
    /// The provider's name for it.
    public var id: InstanceID
    /// What it is called for people; the provider's id when it has no name.
    public var name: String
    /// Its life-cycle state.
    public var state: InstanceState
    /// The image it was launched from.
    public var image: ImageID
    /// The address at which checks and routers reach it, when it has one.
    public var address: String?
    /// Its tags.
    public var tags: [String: String]
    /// When it was launched.
    public var launchedAt: WallTime?
    /// The provider's remaining properties that a replacement inherits, such as size, subnet or disk.
    public var properties: [String: String]
    /// Whether the provider refuses to terminate it.
    public var isTerminationProtected: Bool

    /// Creates an observation of an instance.
    public init(
        id: InstanceID, name: String, state: InstanceState, image: ImageID, address: String? = nil,
        tags: [String: String] = [:], launchedAt: WallTime? = nil, properties: [String: String] = [:],
        isTerminationProtected: Bool = false
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.image = image
        self.address = address
        self.tags = tags
        self.launchedAt = launchedAt
        self.properties = properties
        self.isTerminationProtected = isTerminationProtected
    }
}
