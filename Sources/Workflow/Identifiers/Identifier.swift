/// A string that names one thing; each kind of thing has its own type so that they cannot be mixed up.
public protocol Identifier: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible, Comparable
where RawValue == String {
    /// Creates the identifier from its text, unchecked: adapters check what their provider requires.
    init(rawValue: String)
}

extension Identifier {
    /// Creates the identifier from its text.
    public init(_ text: String) {
        self.init(rawValue: text)
    }

    /// The identifier's text.
    public var description: String { rawValue }

    /// Orders identifiers by their text.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Decodes the identifier from a single string.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the identifier as a single string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
