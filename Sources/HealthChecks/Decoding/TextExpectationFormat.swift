internal import Documents

/// The format of rules about a text, the same wherever a text is judged.
enum TextExpectationFormat {
    private static let equals = DocumentKey(
        "equals", DocumentFormat<String>.text.map(TextExpectation.equals), summary: "The whole text.")
    private static let contains = DocumentKey(
        "contains", DocumentFormat<String>.text.map(TextExpectation.contains), summary: "A part of the text.")
    private static let matches = DocumentKey(
        "matches", pattern.map(TextExpectation.matches), summary: "A regular expression found in the text.")

    private static let pattern = DocumentFormat<String>.text("a regular expression").refine { text, cursor in
        guard let regex = try? Regex(text) else {
            cursor.report(.invalid, "\"\(text.prefix(60))\" is no regular expression")
            return String?.none
        }
        guard (try? regex.firstMatch(in: "")) == nil else {
            cursor.report(
                .invalid, "\"\(text.prefix(60))\" is found in an empty text too, so a missing answer would pass",
                suggestion: "demand at least one character")
            return nil
        }
        return text
    }

    /// The rules, of which one is to be present.
    static let rules: [DocumentKey<TextExpectation>] = [equals, contains, matches]

    /// A mapping with one rule and nothing else.
    static func rule(_ name: String) -> DocumentFormat<TextExpectation> {
        .object(name, keys: rules.map(\.shape), exactlyOneOf: rules.map(\.name)) { $0.exactlyOne(of: rules) }
    }
}
