internal import Foundation

/// A JSON value of a schema.
enum SchemaValue: Encodable, Sendable, Hashable {
    case object([String: SchemaValue])
    case array([SchemaValue])
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let members): try container.encode(members)
        case .array(let elements): try container.encode(elements)
        case .string(let text): try container.encode(text)
        case .integer(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .boolean(let truth): try container.encode(truth)
        }
    }

    static func strings(_ texts: [String]) -> SchemaValue { .array(texts.map(SchemaValue.string)) }

    /// The value that YAML (1.2, core schema) reads from a text without quotes.
    init(plain text: String) {
        switch text {
        case "true": self = .boolean(true)
        case "false": self = .boolean(false)
        default:
            if let number = Int(text) {
                self = .integer(number)
            } else if let number = DocumentNumber.decimal(text) {
                self = .number(number)
            } else {
                self = .string(text)
            }
        }
    }

    /// The value as JSON text with sorted keys, ended by a line feed.
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(self)) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
