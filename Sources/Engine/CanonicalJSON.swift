import Foundation

/// JSON with sorted keys and no escaped slashes, so that equal values have equal text.
public enum CanonicalJSON {
    /// The text of a value; throws what the value's `encode` throws.
    public static func text(of value: some Encodable, pretty: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Reads a value back; `nil` when the text is not one.
    public static func value<Value: Decodable>(_ type: Value.Type, from text: String) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
