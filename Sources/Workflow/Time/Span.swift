/// A length of time in whole milliseconds, written in files as `250ms`, `10s`, `5m`, `24h` or `7d`.
public struct Span: Sendable, Hashable, Comparable, Codable {
    /// The length in milliseconds.
    public let milliseconds: Int64

    /// Creates a span from milliseconds.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// A span of whole milliseconds.
    public static func milliseconds(_ count: Int64) -> Span { Span(milliseconds: count) }
    /// A span of whole seconds.
    public static func seconds(_ count: Int64) -> Span { Span(milliseconds: count * 1000) }
    /// A span of whole minutes.
    public static func minutes(_ count: Int64) -> Span { .seconds(count * 60) }
    /// A span of whole hours.
    public static func hours(_ count: Int64) -> Span { .minutes(count * 60) }
    /// The empty span.
    public static let zero = Span(milliseconds: 0)

    /// The same length as a `Duration`.
    public var duration: Duration { .milliseconds(milliseconds) }

    /// Decodes the span from a single integer of milliseconds.
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Encodes the span as a single integer of milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Orders spans from shorter to longer.
    public static func < (left: Span, right: Span) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The sum of two spans.
    public static func + (left: Span, right: Span) -> Span {
        Span(milliseconds: left.milliseconds + right.milliseconds)
    }
}

extension Span {
    /// Reads `250ms`, `10s`, `5m`, `24h` or `7d`: a whole number of at most 9 digits and one unit, no spaces.
    ///
    /// Returns `nil` for anything else: no unit, an unknown unit, a sign, a fraction.
    public init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 9, let count = Int64(digits),
            let unit = Self.unitsInMilliseconds[String(text.dropFirst(digits.count))]
        else { return nil }
        self.init(milliseconds: count * unit)
    }

    private static let unitsInMilliseconds: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]

    /// The span in the largest unit that gives a whole number, such as `5m`; reads back with `init(text:)`.
    public var text: String {
        for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds != 0 && milliseconds % length == 0 {
            return "\(milliseconds / length)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}
