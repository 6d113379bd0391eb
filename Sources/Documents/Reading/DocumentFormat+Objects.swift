extension DocumentFormat {
    /// A mapping with declared keys.
    ///
    /// Unknown and missing keys are reported before `read` is called; `read` should read every key before it gives up, so
    /// that as many mistakes as possible are found in one pass. A key outside of the table counts as unknown. Rules are
    /// checked after it, each unless a key that it is about is wrong by itself.
    public static func object(
        _ name: String, keys: [DocumentObjectShape.Key], exactlyOneOf: [String] = [],
        orElse: String? = nil, rules: [DocumentRule] = [],
        read: @escaping @Sendable (DocumentObject) -> Value?
    ) -> Self {
        let object = DocumentObjectShape(
            name: name, keys: keys, exactlyOneOf: exactlyOneOf, orElse: orElse, rules: rules)
        let shape = DocumentShape.object(object)
        return Self(shape) { cursor in
            guard case .mapping(let entries) = cursor.node.content else {
                cursor.reportWrongType(shape)
                return nil
            }
            let reading = DocumentObject(cursor: cursor, shape: object, entries: entries)
            let isComplete = reading.checkKeys()
            let value = read(reading)
            reading.checkRules()
            return isComplete ? value : nil
        }
    }
}
