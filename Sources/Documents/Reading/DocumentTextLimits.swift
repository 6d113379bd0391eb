/// Which texts may be written at one place, as data: the reader decides by it and a JSON Schema states it.
///
/// Patterns are regular expressions in what Swift, ECMAScript and Python have in common: classes, groups, repetitions,
/// alternatives and lookaheads, no `.` and no class escapes such as `\w`. They are matched by Unicode scalars.
public struct DocumentTextLimits: Sendable, Hashable {
    /// What the whole text must match; `nil` where anything that is not empty may stand.
    public let pattern: String?
    /// What must not be found anywhere in the text; `nil` where nothing is refused.
    public let refusedPattern: String?
    /// The longest text, in Unicode scalars; `nil` without limit.
    public let maximumLength: Int?

    /// Creates limits.
    public init(pattern: String? = nil, refusedPattern: String? = nil, maximumLength: Int? = nil) {
        self.pattern = pattern
        self.refusedPattern = refusedPattern
        self.maximumLength = maximumLength
    }

    /// Any text that is not empty.
    public static let none = DocumentTextLimits()

    /// Whether the text is within the limits.
    ///
    /// Compiles the patterns anew; use a `DocumentTextMatcher` for more than a few texts.
    public func accepts(_ text: String) -> Bool {
        DocumentTextMatcher(self).accepts(text)
    }
}
