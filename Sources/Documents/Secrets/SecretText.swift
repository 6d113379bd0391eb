/// A text that may contain references to secrets, such as `Bearer ${env:TOKEN}`; kept unresolved.
public struct SecretText: Sendable, Hashable, CustomStringConvertible {
    /// A piece of the text.
    public enum Segment: Sendable, Hashable {
        /// Text as it is.
        case literal(String)
        /// A reference, to be replaced by the secret as late as possible.
        case reference(SecretReference)
    }

    /// The pieces in order.
    public let segments: [Segment]

    /// Creates a text without references.
    public init(literal: String) {
        segments = [.literal(literal)]
    }

    /// Reads a text with references; `nil` when something that looks like a reference (`${…`) is none.
    public init?(text: String) {
        var segments: [Segment] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            if start.lowerBound > rest.startIndex { segments.append(.literal(String(rest[..<start.lowerBound]))) }
            guard let end = rest[start.upperBound...].firstIndex(of: "}"),
                let reference = SecretReference(inner: rest[start.upperBound..<end])
            else { return nil }
            segments.append(.reference(reference))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { segments.append(.literal(String(rest))) }
        self.segments = segments
    }

    /// The texts that can be read.
    static let limits = DocumentTextLimits(
        pattern: "(?:[^$]|\\$(?!\\{)|\(SecretReference.pattern))+")

    /// The references in the text.
    public var references: [SecretReference] {
        segments.compactMap { segment in
            if case .reference(let reference) = segment { reference } else { nil }
        }
    }

    /// The text as it is written, with its references.
    public var description: String {
        segments.map { segment in
            switch segment {
            case .literal(let text): text
            case .reference(let reference): reference.description
            }
        }.joined()
    }
}

extension DocumentFormat where Value == SecretText {
    /// A text that may contain references such as `${env:TOKEN}`.
    public static var secretText: Self {
        DocumentFormat<String>.text(
            "a text, perhaps with ${env:NAME} or ${file:PATH}", limits: SecretText.limits
        ) { text in
            .invalid(
                "\"\(text.prefix(60))\" contains something like a reference that is none",
                suggestion: "write ${env:NAME} or ${file:PATH}")
        }.refine { text, _ in SecretText(text: text) }
    }
}

extension DocumentFormat where Value == SecretReference {
    /// A reference such as `${env:TOKEN}`, and nothing else: a secret written out is refused and not repeated.
    public static var secretReference: Self {
        let shape = DocumentShape.text(
            form: "a reference, ${env:NAME} or ${file:PATH}",
            limits: DocumentTextLimits(pattern: SecretReference.pattern))
        return Self(shape) { cursor in
            guard let scalar = cursor.scalar(expecting: shape) else { return nil }
            guard let reference = SecretReference(text: scalar.text) else {
                cursor.report(
                    .invalid, "a secret must not be written into a document",
                    suggestion: "write ${env:NAME} or ${file:PATH}")
                return nil
            }
            return reference
        }
    }
}
