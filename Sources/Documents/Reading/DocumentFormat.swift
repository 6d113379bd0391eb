/// How a value is written in a document: its shape as data, and how it is read.
///
/// Formats are put together from the ready-made ones (`.text`, `.integer(in:)`, `.span(in:)`, `.list(of:)`, …) and from
/// `.object(…)`, so that one declaration both decodes and describes a language.
public struct DocumentFormat<Value: Sendable>: Sendable {
    /// What may be written.
    public let shape: DocumentShape
    private let body: @Sendable (DocumentCursor) -> Value?

    /// Creates a format; `read` returns `nil` only after having reported at least one mistake at the cursor.
    public init(_ shape: DocumentShape, read: @escaping @Sendable (DocumentCursor) -> Value?) {
        self.shape = shape
        self.body = read
    }

    /// Reads the value at the cursor; `nil` after reporting why it is wrong.
    public func read(_ cursor: DocumentCursor) -> Value? {
        body(cursor)
    }

    /// Reads a whole document; throws every mistake that can be found in one pass.
    public func decode(_ document: Document) throws(DocumentErrors) -> Value {
        let reader = DocumentReader(path: document.path)
        let cursor = DocumentCursor(node: document.root, keyPath: "", reader: reader)
        let value = read(cursor)
        if value == nil, reader.errors.isEmpty {
            cursor.report(.invalid, "expected \(shape.words)")
        }
        guard let value, reader.errors.isEmpty else { throw DocumentErrors(reader.errors) }
        return value
    }

    /// The same format, read into another value.
    public func map<New: Sendable>(_ transform: @escaping @Sendable (Value) -> New) -> DocumentFormat<New> {
        DocumentFormat<New>(shape) { cursor in read(cursor).map(transform) }
    }

    /// The same format with further rules: `transform` returns `nil` after reporting at the cursor what is wrong.
    public func refine<New: Sendable>(
        _ transform: @escaping @Sendable (Value, DocumentCursor) -> New?
    ) -> DocumentFormat<New> {
        DocumentFormat<New>(shape) { cursor in
            guard let value = read(cursor) else { return nil }
            let count = cursor.reader.errors.count
            let refined = transform(value, cursor)
            // What is dropped without a word would be a rule that does not apply.
            if refined == nil, cursor.reader.errors.count == count {
                cursor.report(.invalid, "expected \(shape.words)")
            }
            return refined
        }
    }

    /// The same format under another description.
    public func described(as shape: DocumentShape) -> DocumentFormat<Value> {
        DocumentFormat(shape, read: body)
    }
}
