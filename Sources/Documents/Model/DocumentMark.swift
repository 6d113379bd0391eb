/// A position in a document.
public struct DocumentMark: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode scalars, from 1.
    public let column: Int

    /// Creates a position.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The position as `line:column`.
    public var description: String { "\(line):\(column)" }

    /// Orders positions from the document's start to its end.
    public static func < (left: DocumentMark, right: DocumentMark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
