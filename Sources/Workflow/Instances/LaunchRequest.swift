/// One launch, exactly as it is journalled before it is sent and repeated after a crash.
public struct LaunchRequest: Sendable, Hashable, Codable {
    /// Makes the launch idempotent.
    public var token: LaunchToken
    /// What to create.
    public var specification: LaunchSpecification
    /// The ownership tags, set by the launch call itself.
    public var ownershipTags: [String: String]

    /// Creates a launch request.
    public init(token: LaunchToken, specification: LaunchSpecification, ownershipTags: [String: String]) {
        self.token = token
        self.specification = specification
        self.ownershipTags = ownershipTags
    }
}
