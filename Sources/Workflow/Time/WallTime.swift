/// A moment on the wall clock, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Deadlines are stored as wall time so that they survive the process that set them.
public struct WallTime: Sendable, Hashable, Comparable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    /// Creates a moment from milliseconds since 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Decodes the moment from a single integer of milliseconds.
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Encodes the moment as a single integer of milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Orders moments from earlier to later.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment `span` after this one.
    public static func + (time: WallTime, span: Span) -> WallTime {
        WallTime(milliseconds: time.milliseconds + span.milliseconds)
    }

    /// The span from `earlier` to this moment; negative when the clock ran backwards.
    public func since(_ earlier: WallTime) -> Span {
        Span(milliseconds: milliseconds - earlier.milliseconds)
    }
}
