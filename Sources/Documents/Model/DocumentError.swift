/// One thing that is wrong in a document, at one place.
public struct DocumentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable kinds of mistake.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The file is larger than `DocumentParser.maximumBytes`.
        case tooLarge = "too-large"
        /// The file is not UTF-8.
        case notUTF8 = "not-utf8"
        /// The file is not YAML.
        case syntax
        /// The file holds nothing.
        case emptyDocument = "empty-document"
        /// The file holds more than one document.
        case multipleDocuments = "multiple-documents"
        /// An anchor (`&name`), which is not supported.
        case anchor
        /// An alias (`*name`), which is not supported.
        case alias
        /// A tag (`!name`), which is not supported.
        case tag
        /// Mappings and lists nested deeper than `DocumentParser.maximumDepth`.
        case nesting
        /// A key that is a list or a mapping.
        case complexKey = "complex-key"
        /// The same key twice in one mapping.
        case duplicateKey = "duplicate-key"
        /// A key that does not exist here.
        case unknownKey = "unknown-key"
        /// A required key is absent.
        case missingKey = "missing-key"
        /// Keys that exclude each other.
        case conflictingKeys = "conflicting-keys"
        /// A value of the wrong kind, such as a list where a text belongs.
        case wrongType = "wrong-type"
        /// A length of time or size without unit or with an unknown one.
        case wrongUnit = "wrong-unit"
        /// A number outside its range.
        case outOfRange = "out-of-range"
        /// A word that is not one of the words allowed here.
        case unknownValue = "unknown-value"
        /// A list, mapping or text that may not be empty.
        case empty
        /// A value that is well-formed but wrong for another reason, which the message says.
        case invalid
        /// Something of the language that this version does not have yet.
        case notAvailable = "not-available"
    }

    /// The kind of mistake.
    public var code: Code
    /// The document's path as the operator wrote it.
    public var path: String
    /// The line, from 1.
    public var line: Int
    /// The column in Unicode scalars, from 1.
    public var column: Int
    /// Where in the document, such as `checks[0].http.port`; empty for the document itself.
    public var keyPath: String
    /// What is wrong, with the offending text.
    public var message: String
    /// What to write instead, where that is known.
    public var suggestion: String?

    /// Creates an error.
    public init(
        _ code: Code, path: String, mark: DocumentMark, keyPath: String = "", message: String, suggestion: String? = nil
    ) {
        self.code = code
        self.path = path
        self.line = mark.line
        self.column = mark.column
        self.keyPath = keyPath
        self.message = message
        self.suggestion = suggestion
    }

    /// The mistake on one line: `path:line:column: key path: message; suggestion [code]`.
    public var description: String {
        let place = "\(path):\(line):\(column): " + (keyPath.isEmpty ? "" : "\(keyPath): ")
        return place + message + (suggestion.map { "; \($0)" } ?? "") + " [\(code.rawValue)]"
    }
}
