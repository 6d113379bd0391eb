internal import Documents

/// The format of a `header` assertion.
enum HeaderFormat {
    private static let name = DocumentKey(
        "name", DocumentFormat<String>.text, isRequired: true, summary: "The header field's name.")
    private static let quantifier = DocumentKey(
        "match", DocumentFormat<HeaderExpectation.Quantifier>.choice, defaultText: "any",
        summary: "Which of several values must meet the rule.")
    private static let isList = DocumentKey(
        "list", DocumentFormat<Bool>.boolean, defaultText: "false",
        summary: "true: the elements of a list, separated by commas, are values of their own.")
    private static let present = DocumentKey(
        "exists", presence.map { _ in HeaderExpectation.Rule.text(.exists) }, summary: "true: the field is there.")
    private static let count = DocumentKey(
        "count", ThresholdFormat.thresholds("count", .number).map(HeaderExpectation.Rule.count),
        summary: "How many values there are, such as {critical: \"2:\"}; a field that is missing has 0.")

    private static let presence = DocumentFormat<Bool>.choice([("true", true)])
    private static let textRules: [DocumentKey<HeaderExpectation.Rule>] = TextExpectationFormat.rules.map { key in
        DocumentKey(key.name, key.format.map(HeaderExpectation.Rule.text), summary: key.shape.summary)
    }
    private static let rules = textRules + [present, count]

    /// A `header` assertion.
    static let header = DocumentFormat<Assertion>.object(
        "header", keys: [name.shape, quantifier.shape, isList.shape] + rules.map(\.shape),
        exactlyOneOf: rules.map(\.name),
        rules: [
            DocumentRule(
                "match is for equals, contains and matches.", when: .hasAny(["count", "exists"]),
                demand: .not(.has("match")), message: "match is for equals, contains and matches",
                suggestion: "remove match")
        ]
    ) { object in
        let name = object[name]
        let quantifier = object[quantifier] ?? .any
        let isList = object[isList] ?? false
        let rule = object.exactlyOne(of: rules)
        guard let name, let rule else { return nil }
        return .header(HeaderExpectation(name: name, rule: rule, quantifier: quantifier, isList: isList))
    }
}
