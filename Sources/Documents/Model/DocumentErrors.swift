/// Everything that is wrong in a document, in the document's order; never empty when thrown.
public struct DocumentErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// The mistakes, in the document's order.
    public var errors: [DocumentError]

    /// Creates the error from its mistakes and puts them in order.
    public init(_ errors: [DocumentError]) {
        self.errors = errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// One line per mistake.
    public var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
