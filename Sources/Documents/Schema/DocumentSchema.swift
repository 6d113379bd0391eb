/// Writes a language as JSON Schema 2020-12, from the shape by which documents are decoded.
///
/// The schema describes a document's value as YAML 1.2 (core schema) reads it. It accepts what the decoder accepts, but
/// for what a schema cannot say; each language documents that of its own. How a number is written cannot be seen in a
/// value, and neither can a key that occurs twice, an anchor or a tag.
public struct DocumentSchema: Sendable {
    private var definitions: [String: SchemaValue] = [:]
    private var names: [DocumentObjectShape: String] = [:]

    private init() {}

    /// The schema as JSON text; `identifier` is a URI for `$id`.
    public static func text(of shape: DocumentShape, title: String, identifier: String) -> String {
        var schema = DocumentSchema()
        guard case .object(var members) = schema.value(shape) else { return "" }
        members["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        members["$id"] = .string(identifier)
        members["title"] = .string(title)
        members["$defs"] = .object(schema.definitions)
        return SchemaValue.object(members).text
    }

    /// The regular form of lengths of time in a range of milliseconds.
    public static func pattern(ofSpan range: ClosedRange<Int64>) -> String {
        DocumentPatterns.span(range)
    }

    private mutating func value(_ shape: DocumentShape) -> SchemaValue {
        switch shape {
        case .text(_, let limits): Self.text(limits)
        case .integer(let range): .object(Self.bounds(range))
        case .number(let range): .object(Self.bounds(range))
        case .boolean: .object(["type": .string("boolean")])
        case .span(let range): Self.text(DocumentTextLimits(pattern: DocumentPatterns.span(range)))
        case .percent(let range): Self.text(DocumentTextLimits(pattern: DocumentPatterns.percent(range)))
        case .choice(let words): .object(["enum": .array(Self.values(words))])
        case .list(let element, let allowsEmpty, let isUnique):
            list(value(element), allowsEmpty: allowsEmpty, isUnique: isUnique)
        case .dictionary(let element, let keys):
            .object([
                "type": .string("object"), "additionalProperties": value(element),
                "propertyNames": .object(Self.rules(of: keys)),
            ])
        case .object(let object): reference(to: object)
        case .alternatives(let shapes): .object(["anyOf": .array(shapes.map { value($0) })])
        case .json: .object(["type": .strings(["string", "number", "boolean", "null"])])
        case .unavailable: .boolean(false)
        }
    }

    private func list(_ element: SchemaValue, allowsEmpty: Bool, isUnique: Bool) -> SchemaValue {
        var members: [String: SchemaValue] = ["type": .string("array"), "items": element]
        if !allowsEmpty { members["minItems"] = .integer(1) }
        if isUnique { members["uniqueItems"] = .boolean(true) }
        return .object(members)
    }

    private mutating func reference(to object: DocumentObjectShape) -> SchemaValue {
        if let name = names[object] { return Self.reference(name) }
        let base = String(object.name.map { $0.isLetter || $0.isNumber ? $0 : "-" })
        var name = base
        var number = 2
        while definitions[name] != nil {
            name = "\(base)-\(number)"
            number += 1
        }
        names[object] = name
        definitions[name] = .object([:])
        definitions[name] = .object(members(of: object))
        return Self.reference(name)
    }

    private static func reference(_ name: String) -> SchemaValue {
        .object(["$ref": .string("#/$defs/\(name)")])
    }

    private mutating func members(of object: DocumentObjectShape) -> [String: SchemaValue] {
        var properties: [String: SchemaValue] = [:]
        for key in object.keys {
            guard case .object(var members) = value(key.shape) else { continue }
            members["description"] = .string(key.description)
            members["default"] = key.defaultText.flatMap { Self.default($0, key.shape) }
            properties[key.name] = .object(members)
        }
        var members: [String: SchemaValue] = [
            "type": .string("object"), "properties": .object(properties), "additionalProperties": .boolean(false),
        ]
        let required = object.keys.filter(\.isRequired).map(\.name)
        if !required.isEmpty { members["required"] = .strings(required) }
        if !object.exactlyOneOf.isEmpty {
            members["oneOf"] = .array(Self.choices(object))
        }
        if !object.rules.isEmpty { members["allOf"] = .array(object.rules.map(\.schema)) }
        return members
    }

    private static func choices(_ object: DocumentObjectShape) -> [SchemaValue] {
        let unavailable = object.keys.filter { if case .unavailable = $0.shape { true } else { false } }.map(\.name)
        let names = object.exactlyOneOf.filter { !unavailable.contains($0) }
        let alone = object.orElse.map { DocumentCondition.all([.has($0), .hasNone(names)]).schema }
        return names.map { DocumentCondition.has($0).schema } + (alone.map { [$0] } ?? [])
    }

    /// A default as a value, where it is one rather than words.
    private static func `default`(_ text: String, _ shape: DocumentShape) -> SchemaValue? {
        let plain = SchemaValue(plain: text)
        switch (shape, plain) {
        case (.integer, .integer), (.number, .integer), (.number, .number), (.boolean, .boolean): return plain
        case (.choice(let words), _):
            let word = text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text
            return words.contains(word) ? .string(word) : nil
        case (.span, .string), (.percent, .string), (.text, .string): return plain
        case (.list, _) where text.hasPrefix("[") && text.hasSuffix("]"):
            let words = text.dropFirst().dropLast().split(separator: ",").map { $0.drop { $0 == " " } }
            return .array(words.map { SchemaValue(plain: String($0)) })
        default: return nil
        }
    }
}

extension DocumentObjectShape.Key {
    /// The summary with the default where that is words.
    fileprivate var description: String {
        defaultText.map { "\(summary) Default: \($0)." } ?? summary
    }
}
