/// What a header field, which may occur several times, must be like.
struct HeaderExpectation: Sendable, Hashable {
    enum Rule: Sendable, Hashable {
        case text(TextExpectation)
        /// How many values there are; none counts as 0.
        case count(Thresholds)
    }

    /// Which of several values must meet a rule about text.
    enum Quantifier: String, Sendable, Hashable, CaseIterable {
        /// At least one value.
        case any
        /// Every value, and at least one.
        case all
    }

    /// The field's name; compared without regard to case.
    var name: String
    var rule: Rule
    var quantifier: Quantifier = .any
    /// Whether a value is a list whose elements, separated by commas, each count as a value (RFC 9110, section 5.6.1).
    var isList = false

    var words: String {
        switch rule {
        case .text(let text): quantifier == .all ? "every \(name) \(text.words)" : "\(name) \(text.words)"
        case .count: "number of \(name)"
        }
    }
}
