internal import CYaml

/// One event of the YAML parser, copied out of its memory.
enum DocumentEvent {
    case scalar(DocumentScalar)
    case sequenceStart
    case mappingStart
    case end
    case alias(String)
    case documentStart(hasDirectives: Bool)
    case documentEnd
    case streamEnd
    case ignored
}

/// An event with its position and its properties.
struct MarkedDocumentEvent {
    var event: DocumentEvent
    var mark: DocumentMark
    var anchor: String?
    var tag: String?
}

/// What the YAML parser complained about.
struct DocumentSyntaxError: Error {
    var mark: DocumentMark
    var message: String
}

/// Reads events from libyaml, the C library inside Yams.
///
/// Yams itself offers only composed nodes, and composing resolves aliases, whose expansion is exponential. The bytes must
/// outlive the source: use it inside `withUnsafeBufferPointer` only.
struct DocumentEventSource: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    mutating func next() throws(DocumentSyntaxError) -> MarkedDocumentEvent {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&raw) }
        return Self.copy(raw)
    }

    private static func copy(_ raw: yaml_event_t) -> MarkedDocumentEvent {
        var copy = MarkedDocumentEvent(event: .ignored, mark: mark(raw.start_mark))
        switch raw.type {
        case YAML_SCALAR_EVENT:
            copy.event = .scalar(scalar(raw))
            copy.anchor = text(raw.data.scalar.anchor)
            copy.tag = text(raw.data.scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            copy.event = .sequenceStart
            copy.anchor = text(raw.data.sequence_start.anchor)
            copy.tag = text(raw.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            copy.event = .mappingStart
            copy.anchor = text(raw.data.mapping_start.anchor)
            copy.tag = text(raw.data.mapping_start.tag)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: copy.event = .end
        case YAML_ALIAS_EVENT: copy.event = .alias(text(raw.data.alias.anchor) ?? "")
        case YAML_DOCUMENT_START_EVENT:
            let start = raw.data.document_start
            let hasTags = start.tag_directives.start != start.tag_directives.end
            copy.event = .documentStart(hasDirectives: start.version_directive != nil || hasTags)
        case YAML_DOCUMENT_END_EVENT: copy.event = .documentEnd
        case YAML_STREAM_END_EVENT: copy.event = .streamEnd
        default: copy.event = .ignored
        }
        return copy
    }

    private static func scalar(_ raw: yaml_event_t) -> DocumentScalar {
        let bytes = UnsafeBufferPointer(start: raw.data.scalar.value, count: raw.data.scalar.length)
        let style: DocumentScalar.Style =
            switch raw.data.scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            default: .plain
            }
        return DocumentScalar(String(decoding: bytes, as: UTF8.self), style: style)
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private static func mark(_ mark: yaml_mark_t) -> DocumentMark {
        DocumentMark(line: mark.line + 1, column: mark.column + 1)
    }

    private func syntaxError() -> DocumentSyntaxError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        let isReader = parser.pointee.error == YAML_READER_ERROR
        let position = isReader ? parser.pointee.mark : parser.pointee.problem_mark
        var message = problem
        if let context = parser.pointee.context.map({ String(cString: $0) }), !isReader {
            message = "\(problem) \(context)"
            let start = Self.mark(parser.pointee.context_mark)
            if start != Self.mark(position), parser.pointee.context_mark.line >= 0 {
                message += " that starts at \(start)"
            }
        }
        return DocumentSyntaxError(mark: Self.mark(position), message: message)
    }
}
