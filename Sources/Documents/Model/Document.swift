/// A parsed document: the only one of its file.
public struct Document: Sendable, Hashable {
    /// The file's path as the operator wrote it, for messages.
    public let path: String
    /// The document's value.
    public let root: DocumentNode

    /// Creates a document.
    public init(path: String, root: DocumentNode) {
        self.path = path
        self.root = root
    }
}
