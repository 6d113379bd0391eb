/// Names one check: the check file's name, a slash, and the check's `id`.
public struct CheckID: Identifier {
    /// The identifier's text.
    public let rawValue: String

    /// Creates the identifier from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
