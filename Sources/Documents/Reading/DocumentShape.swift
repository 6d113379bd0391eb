/// What may be written at one place of a document, as data: for messages, for `explain` and for a JSON Schema.
public indirect enum DocumentShape: Sendable, Hashable {
    /// A text; `form` says which, such as `a path that starts with /`, and the limits decide.
    case text(form: String, limits: DocumentTextLimits = .none)
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// A number in a range.
    case number(ClosedRange<Double>)
    /// `true` or `false`.
    case boolean
    /// A length of time such as `250ms`, in a range of milliseconds.
    case span(ClosedRange<Int64>)
    /// A percentage such as `0.5%`, in a range of percent.
    case percent(ClosedRange<Double>)
    /// One of these words.
    case choice([String])
    /// A list of elements; `isUnique` where no element may occur twice.
    case list(DocumentShape, allowsEmpty: Bool, isUnique: Bool = false)
    /// Keys of the operator's own choice within limits, each with such a value.
    case dictionary(DocumentShape, keys: DocumentTextLimits = .none)
    /// A mapping with declared keys.
    case object(DocumentObjectShape)
    /// One of several forms, told apart by being a text, a list or a mapping.
    case alternatives([DocumentShape])
    /// A JSON value that is no list and no object.
    case json
    /// Something of the language that this version does not have yet; the words say what.
    case unavailable(String)

    /// What is expected, in words for messages, such as `a whole number from 1 to 65535`.
    public var words: String {
        switch self {
        case .text(let form, _): form
        case .integer(let range): "a whole number" + Self.bounds(range, widest: Int.min...Int.max)
        case .number(let range): "a number" + Self.bounds(range, widest: DocumentBounds.widestNumber)
        case .boolean: "true or false"
        case .span: "a length of time such as 250ms, 10s, 5m or 24h"
        case .percent: "a percentage such as 0.5%"
        case .choice(let words) where words.count == 1: words[0]
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .list(let element, _, _): "a list, each " + element.words
        case .dictionary(let value, _): "a mapping of names, each to " + value.words
        case .object(let object): "a mapping (\(object.name))"
        case .alternatives(let shapes): shapes.map(\.words).joined(separator: ", or ")
        case .json: "a text, a number, true, false or null"
        case .unavailable(let words): words
        }
    }

    private static func bounds<Bound>(_ range: ClosedRange<Bound>, widest: ClosedRange<Bound>) -> String {
        switch (range.lowerBound == widest.lowerBound, range.upperBound == widest.upperBound) {
        case (true, true): ""
        case (false, true): " of at least \(range.lowerBound)"
        case (true, false): " of at most \(range.upperBound)"
        case (false, false): " from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}

/// The ranges that bound nothing.
enum DocumentBounds {
    static let widestNumber = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    static let widestSpan: ClosedRange<Int64> = 0...Int64.max
}
