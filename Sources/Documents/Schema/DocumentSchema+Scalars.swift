extension DocumentSchema {
    /// A text within limits, which may be written without quotes where YAML reads it as a number or a truth value.
    static func text(_ limits: DocumentTextLimits) -> SchemaValue {
        let matcher = DocumentTextMatcher(limits)
        var members = rules(of: limits)
        var types = ["string"]
        if matcher.accepts("7") || matcher.accepts("0") {
            types.append(matcher.accepts("7.5") || !matcher.accepts("7") ? "number" : "integer")
            if !matcher.accepts("-7") { members["minimum"] = .integer(0) }
            if !matcher.accepts("7") { members["maximum"] = .integer(0) }
        }
        if matcher.accepts("true"), matcher.accepts("false") { types.append("boolean") }
        members["type"] = types.count == 1 ? .string(types[0]) : .strings(types)
        return .object(members)
    }

    /// What the limits say of a text.
    static func rules(of limits: DocumentTextLimits) -> [String: SchemaValue] {
        var members: [String: SchemaValue] = ["minLength": .integer(1)]
        // The lookahead is for readers whose `$` also matches before a line feed at the end.
        members["pattern"] = limits.pattern.map { .string("^(?:\($0))(?!\\n)$") }
        members["not"] = limits.refusedPattern.map { .object(["type": .string("string"), "pattern": .string($0)]) }
        members["maxLength"] = limits.maximumLength.map(SchemaValue.integer)
        return members
    }

    static func bounds(_ range: ClosedRange<Int>) -> [String: SchemaValue] {
        var members: [String: SchemaValue] = ["type": .string("integer")]
        if range.lowerBound != .min { members["minimum"] = .integer(range.lowerBound) }
        if range.upperBound != .max { members["maximum"] = .integer(range.upperBound) }
        return members
    }

    static func bounds(_ range: ClosedRange<Double>) -> [String: SchemaValue] {
        let widest = DocumentBounds.widestNumber
        var members: [String: SchemaValue] = ["type": .string("number")]
        if range.lowerBound != widest.lowerBound { members["minimum"] = .number(range.lowerBound) }
        if range.upperBound != widest.upperBound { members["maximum"] = .number(range.upperBound) }
        return members
    }

    /// The words, and what YAML makes of those that it reads as something else when they are not quoted.
    static func values(_ words: [String]) -> [SchemaValue] {
        words.flatMap { word -> [SchemaValue] in
            let plain = SchemaValue(plain: word)
            return plain == .string(word) ? [plain] : [.string(word), plain]
        }
    }
}
