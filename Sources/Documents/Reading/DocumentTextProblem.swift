/// What is wrong with a text that is outside of its limits.
public struct DocumentTextProblem: Sendable, Hashable {
    /// The kind of mistake.
    public let code: DocumentError.Code
    /// What is wrong, with the offending text.
    public let message: String
    /// What to write instead.
    public let suggestion: String?

    /// Creates a problem of another kind than `.invalid`.
    public init(_ code: DocumentError.Code, _ message: String, suggestion: String? = nil) {
        self.code = code
        self.message = message
        self.suggestion = suggestion
    }

    /// A text that is wrong for the reason that the message says.
    public static func invalid(_ message: String, suggestion: String? = nil) -> Self {
        Self(.invalid, message, suggestion: suggestion)
    }

    func report(at cursor: DocumentCursor, mark: DocumentMark? = nil) {
        cursor.report(code, message, suggestion: suggestion, at: mark)
    }
}
