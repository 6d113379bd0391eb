/// Names one instance as its provider does, such as `i-0abc…` or `web-1`.
public struct InstanceID: Identifier {
    /// The identifier's text.
    public let rawValue: String

    /// Creates the identifier from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
