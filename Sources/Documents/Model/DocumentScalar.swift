/// A single text of a document, and how it was written.
public struct DocumentScalar: Sendable, Hashable {
    /// How a scalar was written.
    public enum Style: Sendable, Hashable {
        /// Without quotes: may stand for a number or a truth value.
        case plain
        /// In single or double quotes: always text.
        case quoted
        /// As a block after `|` or `>`: always text.
        case block
    }

    /// The text, with escapes resolved.
    public let text: String
    /// How it was written.
    public let style: Style

    /// Creates a scalar.
    public init(_ text: String, style: Style) {
        self.text = text
        self.style = style
    }

    /// The text's beginning on one line, for messages.
    var excerpt: String {
        let limit = 60
        let line = text.prefix(limit).map { $0.isNewline ? "⏎" : String($0) }.joined()
        return text.count > limit ? line + "…" : line
    }
}
