/// Names one update on its machine: the same token never updates a second time.
///
/// `[a-z0-9-]`, at most 64 characters.
public struct UpdateToken: Identifier {
    /// The identifier's text.
    public let rawValue: String

    /// Creates the identifier from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
