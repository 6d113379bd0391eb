/// What a configuration says about an account; everything left out is looked up as the AWS tools do.
public struct AWSSettings: Sendable, Hashable {
    /// The region; `nil` for `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile's.
    public var region: String?
    /// The profile; `nil` for `AWS_PROFILE`, then `default`.
    public var profile: String?
    /// The base URL of every service; `nil` for `AWS_ENDPOINT_URL_…`, `AWS_ENDPOINT_URL`, the profile's, then AWS's own.
    public var endpoint: String?

    /// Creates settings.
    public init(region: String? = nil, profile: String? = nil, endpoint: String? = nil) {
        self.region = region
        self.profile = profile
        self.endpoint = endpoint
    }
}
