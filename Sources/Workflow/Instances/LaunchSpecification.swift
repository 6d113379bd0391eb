/// Everything that a provider needs to create the replacement, except token and ownership tags.
public struct LaunchSpecification: Sendable, Hashable, Codable {
    /// The image to boot.
    public var image: ImageID
    /// What the replacement is called for people.
    public var name: String
    /// The tags it inherits, without ownership tags.
    public var tags: [String: String]
    /// The provider's remaining properties, such as size or subnet.
    public var properties: [String: String]
    /// Properties that replace those above, in this order, when there is no room for the one before.
    public var alternatives: [[String: String]]
    /// How first boot patches it.
    public var patch: PatchPolicy

    /// Creates a launch specification.
    public init(
        image: ImageID, name: String, tags: [String: String], properties: [String: String],
        alternatives: [[String: String]] = [], patch: PatchPolicy
    ) {
        self.image = image
        self.name = name
        self.tags = tags
        self.properties = properties
        self.alternatives = alternatives
        self.patch = patch
    }
}
