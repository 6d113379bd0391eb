/// Makes a launch idempotent: the same token never creates a second instance.
///
/// At most 64 ASCII characters.
public struct LaunchToken: Identifier {
    /// The identifier's text.
    public let rawValue: String

    /// Creates the identifier from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
