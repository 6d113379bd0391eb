/// A JSON value to send.
public enum LXDValue: Sendable, Hashable, Codable {
    case null
    case boolean(Bool)
    case integer(Int)
    case text(String)
    case list([LXDValue])
    case object([String: LXDValue])

    /// Reads any JSON value whose numbers are integers.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([LXDValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: LXDValue].self))
        }
    }

    /// Writes the value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// An object of texts, such as a configuration.
    public static func texts(_ texts: [String: String]) -> LXDValue { .object(texts.mapValues { .text($0) }) }
}
