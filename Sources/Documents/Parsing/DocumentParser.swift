/// Parses the strict YAML that check files, playbooks and the configuration are written in.
///
/// One document of at most 256 KiB of UTF-8, without anchors, aliases, tags, directives or duplicate keys. All of this
/// is decided on the parser's events; no value is ever composed from an alias, so no small file can grow.
public enum DocumentParser {
    /// The largest document that is read, in bytes.
    public static let maximumBytes = 256 * 1024
    /// How deep mappings and lists may be nested.
    public static let maximumDepth = 32

    /// Parses a document from text; throws every mistake that was found, at least one.
    public static func parse(text: String, path: String) throws(DocumentErrors) -> Document {
        try parse(bytes: Array(text.utf8), path: path)
    }

    /// Parses a document from a file's bytes; throws every mistake that was found, at least one.
    public static func parse(bytes: [UInt8], path: String) throws(DocumentErrors) -> Document {
        guard bytes.count <= maximumBytes else {
            throw single(
                .tooLarge, path, .init(line: 1, column: 1),
                "the file has \(bytes.count) bytes; the limit is \(maximumBytes)")
        }
        if let offset = firstInvalidOffset(in: bytes) {
            let mark = mark(atOffset: offset, in: bytes)
            throw single(.notUTF8, path, mark, "the file is not UTF-8: the byte at offset \(offset) is invalid")
        }
        var composer = DocumentComposer(path: path)
        let root = composer.compose(bytes)
        guard composer.errors.isEmpty, let root else { throw DocumentErrors(composer.errors) }
        return Document(path: path, root: root)
    }

    private static func single(
        _ code: DocumentError.Code, _ path: String, _ mark: DocumentMark, _ message: String
    ) -> DocumentErrors {
        DocumentErrors([DocumentError(code, path: path, mark: mark, message: message)])
    }

    private static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    /// The position of a byte; everything before `offset` is valid UTF-8.
    private static func mark(atOffset offset: Int, in bytes: [UInt8]) -> DocumentMark {
        let before = bytes.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let scalars = before[lineStart...].count { $0 & 0b1100_0000 != 0b1000_0000 }
        return DocumentMark(line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: scalars + 1)
    }
}
