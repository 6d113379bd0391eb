/// Names an image as its provider does.
public struct ImageID: Identifier {
    /// The identifier's text.
    public let rawValue: String

    /// Creates the identifier from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
