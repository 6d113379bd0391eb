/// Names a provider as `changeover.yaml` does.
public struct ProviderName: Identifier {
    /// The identifier's text.
    public let rawValue: String

    /// Creates the identifier from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
