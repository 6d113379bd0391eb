/// Names a traffic router within one plan, such as `haproxy:web`.
public struct RouterName: Identifier {
    /// The identifier's text.
    public let rawValue: String

    /// Creates the identifier from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
