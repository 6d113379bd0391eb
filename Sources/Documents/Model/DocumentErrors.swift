/// Everything that is wrong in a document, in the document's order; never empty when thrown.
public struct DocumentErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// The mistakes, in the document's order.
    public var errors: [DocumentError]

    /// Creates the error from its mistakes and puts them in order, file by file as they occur.
    public init(_ errors: [DocumentError]) {
        let paths = Dictionary(errors.enumerated().map { ($1.path, $0) }) { first, _ in first }
        func position(_ error: DocumentError) -> (Int, Int, Int) { (paths[error.path] ?? 0, error.line, error.column) }
        self.errors = errors.sorted { position($0) < position($1) }
    }

    /// One line per mistake.
    public var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
