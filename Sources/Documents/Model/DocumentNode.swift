/// One value of a parsed document with its position; aliases, anchors and tags do not occur.
public struct DocumentNode: Sendable, Hashable {
    /// What a node is.
    public enum Content: Sendable, Hashable {
        /// A single text.
        case scalar(DocumentScalar)
        /// A list.
        case sequence([DocumentNode])
        /// Keys with their values, in the document's order; no key occurs twice.
        case mapping([DocumentEntry])
    }

    /// What the node is.
    public let content: Content
    /// Where the node starts.
    public let mark: DocumentMark

    /// Creates a node.
    public init(_ content: Content, mark: DocumentMark) {
        self.content = content
        self.mark = mark
    }

    /// The value of a mapping's key; `nil` when absent or when the node is no mapping.
    public subscript(key: String) -> DocumentNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// Whether the node is an unquoted empty text, `~` or `null`: a key without a value.
    public var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// What the node is, in words for messages, such as `the text "on"` or `a list`.
    var words: String {
        switch content {
        case .scalar where isNull: "nothing"
        case .scalar(let scalar): "\"\(scalar.excerpt)\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
