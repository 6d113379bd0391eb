/// One place in a document while it is read: the value there, its key path, and where to report mistakes.
public struct DocumentCursor {
    /// The value at this place.
    public let node: DocumentNode
    /// Where in the document, such as `checks[0].http.port`.
    public let keyPath: String
    let reader: DocumentReader

    /// The document's path, for formats that name other files.
    public var documentPath: String { reader.path }

    /// Reports a mistake at this place, or at `mark` where a key rather than its value is wrong.
    public func report(
        _ code: DocumentError.Code, _ message: String, suggestion: String? = nil, at mark: DocumentMark? = nil
    ) {
        reader.report(
            DocumentError(
                code, path: reader.path, mark: mark ?? node.mark, keyPath: keyPath, message: message,
                suggestion: suggestion))
    }

    /// Reports that something else than `shape` stands here.
    public func reportWrongType(_ shape: DocumentShape, suggestion: String? = nil) {
        report(.wrongType, "expected \(shape.words), found \(node.words)", suggestion: suggestion)
    }

    /// The scalar at this place; `nil` after reporting that a list, a mapping or nothing stands here.
    public func scalar(expecting shape: DocumentShape) -> DocumentScalar? {
        guard case .scalar(let scalar) = node.content, !node.isNull else {
            reportWrongType(shape)
            return nil
        }
        return scalar
    }

    /// The places of a list's elements, for rules that concern several of them; empty when this is no list.
    public var elements: [DocumentCursor] {
        guard case .sequence(let nodes) = node.content else { return [] }
        return nodes.enumerated().map { child($1, index: $0) }
    }

    /// The place of a mapping's value; `nil` when the key is absent or this is no mapping.
    public func member(_ key: String) -> DocumentCursor? {
        node[key].map { child($0, key: key) }
    }

    func child(_ node: DocumentNode, key: String) -> DocumentCursor {
        DocumentCursor(node: node, keyPath: keyPath.isEmpty ? key : "\(keyPath).\(key)", reader: reader)
    }

    func child(_ node: DocumentNode, index: Int) -> DocumentCursor {
        DocumentCursor(node: node, keyPath: "\(keyPath)[\(index)]", reader: reader)
    }
}
