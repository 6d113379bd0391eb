/// One key of a mapping with its value.
public struct DocumentEntry: Sendable, Hashable {
    /// The key.
    public let key: String
    /// Where the key starts.
    public let keyMark: DocumentMark
    /// The key's value.
    public let value: DocumentNode

    /// Creates an entry.
    public init(key: String, keyMark: DocumentMark, value: DocumentNode) {
        self.key = key
        self.keyMark = keyMark
        self.value = value
    }
}
