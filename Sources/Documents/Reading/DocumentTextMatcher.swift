internal import Synchronization

/// Limits of a text with their patterns compiled, to be kept as long as the format that uses them.
public final class DocumentTextMatcher: Sendable {
    /// The limits.
    public let limits: DocumentTextLimits
    private let whole: Pattern?
    private let refused: Pattern?

    /// Compiles the limits' patterns; with a pattern that is no regular expression nothing is accepted.
    public init(_ limits: DocumentTextLimits) {
        self.limits = limits
        whole = limits.pattern.map(Pattern.init)
        refused = limits.refusedPattern.map(Pattern.init)
    }

    /// Whether the text is within the limits.
    public func accepts(_ text: String) -> Bool {
        guard !text.isEmpty, text.unicodeScalars.count <= limits.maximumLength ?? .max else { return false }
        let isWhole = whole?.matchesWhole(text) ?? true
        let isRefused = refused.map { $0.isFound(in: text) } ?? false
        return isWhole && !isRefused
    }

    /// A regular expression, which itself must not be shared between threads.
    private final class Pattern: Sendable {
        private let regex: Mutex<Regex<AnyRegexOutput>?>

        init(_ text: String) {
            regex = Mutex((try? Regex(text))?.matchingSemantics(.unicodeScalar))
        }

        func matchesWhole(_ text: String) -> Bool {
            regex.withLock { regex in regex.map { text.wholeMatch(of: $0) != nil } ?? false }
        }

        func isFound(in text: String) -> Bool {
            regex.withLock { regex in regex.map { text.firstMatch(of: $0) != nil } ?? true }
        }
    }
}
