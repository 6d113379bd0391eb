/// A mapping with declared keys, as data.
public struct DocumentObjectShape: Sendable, Hashable {
    /// One declared key.
    public struct Key: Sendable, Hashable {
        /// The key.
        public let name: String
        /// What it is for, in one sentence.
        public let summary: String
        /// What may be written there.
        public let shape: DocumentShape
        /// Whether the key must be present.
        public let isRequired: Bool
        /// The value when absent, as it would be written; `nil` when there is none.
        public let defaultText: String?
    }

    /// What the mapping describes, such as `check`.
    public let name: String
    /// The declared keys.
    public let keys: [Key]
    /// Names of keys of which exactly one must be present; empty when there is no such choice.
    public let exactlyOneOf: [String]
    /// A key that stands alone instead of one of these; beside them, rules say where it may stand.
    public let orElse: String?
    /// Rules about several keys at once.
    public let rules: [DocumentRule]

    /// Creates a description.
    public init(
        name: String, keys: [Key], exactlyOneOf: [String] = [], orElse: String? = nil, rules: [DocumentRule] = []
    ) {
        self.name = name
        self.keys = keys
        self.exactlyOneOf = exactlyOneOf
        self.orElse = orElse
        self.rules = rules
    }
}
