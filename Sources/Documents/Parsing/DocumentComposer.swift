/// Builds a document's nodes from the parser's events and collects everything that strict YAML refuses.
struct DocumentComposer {
    let path: String
    private(set) var errors: [DocumentError] = []

    init(path: String) {
        self.path = path
    }

    /// Ends composing where going on would make no sense; what is wrong has been collected already.
    private struct Stop: Error {}

    /// Composes the one document in `bytes`; `nil` with at least one error, or a root that counts only without errors.
    mutating func compose(_ bytes: [UInt8]) -> DocumentNode? {
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        return bytes.dropFirst(isMarked ? 3 : 0).withUnsafeBufferPointer { buffer in
            var source = DocumentEventSource(buffer)
            return try? stream(&source)
        }
    }

    private mutating func stream(_ source: inout DocumentEventSource) throws(Stop) -> DocumentNode {
        var root: DocumentNode?
        while true {
            let next = try event(&source)
            switch next.event {
            case .streamEnd:
                if let root { return root }
                try stop(.emptyDocument, next.mark, "the file holds no document")
            case .documentStart(let hasDirectives):
                if root != nil {
                    try stop(
                        .multipleDocuments, next.mark, "a second document starts here",
                        suggestion: "write one document per file")
                }
                if hasDirectives { try stop(.syntax, next.mark, "directives (%YAML, %TAG) are not supported") }
            case .documentEnd, .ignored, .end: continue
            case .scalar, .sequenceStart, .mappingStart, .alias:
                root = try node(next, &source, depth: 0)
            }
        }
    }

    private mutating func node(
        _ start: MarkedDocumentEvent, _ source: inout DocumentEventSource, depth: Int
    ) throws(Stop) -> DocumentNode {
        checkProperties(of: start)
        switch start.event {
        case .scalar(let scalar): return DocumentNode(.scalar(scalar), mark: start.mark)
        case .sequenceStart:
            try checkDepth(depth, start.mark)
            return DocumentNode(.sequence(try sequence(&source, depth: depth)), mark: start.mark)
        case .mappingStart:
            try checkDepth(depth, start.mark)
            return DocumentNode(.mapping(try mapping(&source, depth: depth)), mark: start.mark)
        case .alias(let name):
            add(.alias, start.mark, "the alias *\(name): aliases are not supported", suggestion: "write the value out")
        case .end, .documentStart, .documentEnd, .streamEnd, .ignored: break
        }
        return DocumentNode(.scalar(DocumentScalar("", style: .plain)), mark: start.mark)
    }

    private mutating func sequence(
        _ source: inout DocumentEventSource, depth: Int
    ) throws(Stop) -> [DocumentNode] {
        var elements: [DocumentNode] = []
        while true {
            let next = try event(&source)
            if case .end = next.event { return elements }
            elements.append(try node(next, &source, depth: depth + 1))
        }
    }

    private mutating func mapping(
        _ source: inout DocumentEventSource, depth: Int
    ) throws(Stop) -> [DocumentEntry] {
        var entries: [DocumentEntry] = []
        var positions: [String: DocumentMark] = [:]
        while true {
            let start = try event(&source)
            if case .end = start.event { return entries }
            let key = try node(start, &source, depth: depth + 1)
            let value = try node(try event(&source), &source, depth: depth + 1)
            guard case .scalar(let scalar) = key.content else {
                add(.complexKey, key.mark, "a key must be a text, not \(key.words)")
                continue
            }
            if let first = positions[scalar.text] {
                add(
                    .duplicateKey, key.mark, "the key \"\(scalar.excerpt)\" occurs twice; the first is at \(first)",
                    suggestion: "remove one of the two")
                continue
            }
            positions[scalar.text] = key.mark
            entries.append(DocumentEntry(key: scalar.text, keyMark: key.mark, value: value))
        }
    }

    private mutating func event(_ source: inout DocumentEventSource) throws(Stop) -> MarkedDocumentEvent {
        do {
            return try source.next()
        } catch {
            try stop(.syntax, error.mark, error.message)
        }
    }

    private mutating func checkProperties(of start: MarkedDocumentEvent) {
        if let anchor = start.anchor {
            add(.anchor, start.mark, "the anchor &\(anchor): anchors are not supported", suggestion: "remove it")
        }
        if let tag = start.tag {
            add(.tag, start.mark, "the tag \(tag): tags are not supported", suggestion: "remove it")
        }
    }

    private mutating func checkDepth(_ depth: Int, _ mark: DocumentMark) throws(Stop) {
        guard depth >= DocumentParser.maximumDepth else { return }
        try stop(.nesting, mark, "nested deeper than \(DocumentParser.maximumDepth) levels")
    }

    private mutating func stop(
        _ code: DocumentError.Code, _ mark: DocumentMark, _ message: String, suggestion: String? = nil
    ) throws(Stop) -> Never {
        add(code, mark, message, suggestion: suggestion)
        throw Stop()
    }

    private mutating func add(
        _ code: DocumentError.Code, _ mark: DocumentMark, _ message: String, suggestion: String? = nil
    ) {
        errors.append(DocumentError(code, path: path, mark: mark, message: message, suggestion: suggestion))
    }
}
