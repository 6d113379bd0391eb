/// A declared key of a mapping with the format of its value: one row of a language's table.
public struct DocumentKey<Value: Sendable>: Sendable {
    /// The key.
    public let name: String
    /// How the value is written and read.
    public let format: DocumentFormat<Value>
    /// The row as data, without the value's type.
    public let shape: DocumentObjectShape.Key

    /// Declares a key; `defaultText` is how the default would be written and serves descriptions only.
    public init(
        _ name: String, _ format: DocumentFormat<Value>, isRequired: Bool = false, defaultText: String? = nil,
        summary: String
    ) {
        self.name = name
        self.format = format
        self.shape = DocumentObjectShape.Key(
            name: name, summary: summary, shape: format.shape, isRequired: isRequired, defaultText: defaultText)
    }
}
