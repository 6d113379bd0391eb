extension DocumentFormat {
    /// One of several words, each standing for a value.
    public static func choice(_ values: [(word: String, value: Value)]) -> Self {
        let words = values.map(\.word)
        let shape = DocumentShape.choice(words)
        let table = Dictionary(values.map { ($0.word, $0.value) }) { first, _ in first }
        return Self(shape) { cursor in
            guard let text = cursor.scalar(expecting: shape)?.text else { return nil }
            if let value = table[text] { return value }
            let nearest = NearestName.find(text, in: words)
            cursor.report(
                .unknownValue, "expected \(shape.words), found \"\(text.prefix(60))\"",
                suggestion: nearest.map { "did you mean \"\($0)\"?" })
            return nil
        }
    }
}

extension DocumentFormat where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of an enumeration's raw values.
    public static var choice: Self {
        .choice(Value.allCases.map { ($0.rawValue, $0) })
    }
}

extension DocumentFormat where Value == String {
    /// Exactly this word.
    public static func constant(_ word: String) -> Self {
        .choice([(word, word)])
    }
}
