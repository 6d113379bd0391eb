/// The unit of a performance value, kept as the plugin wrote it.
///
/// Values are never converted: whether `KB` means 1000 or 1024 bytes differs from plugin to plugin, and the guidelines
/// leave it open. Source: <https://www.monitoring-plugins.org/doc/guidelines.html#AEN201>
public enum PerformanceUnit: Sendable, Hashable, CustomStringConvertible {
    /// A plain number of things.
    case number
    /// `s`.
    case seconds
    /// `ms`.
    case milliseconds
    /// `us`.
    case microseconds
    /// `%`.
    case percent
    /// `B`.
    case bytes
    /// `KB`.
    case kilobytes
    /// `MB`.
    case megabytes
    /// `GB`.
    case gigabytes
    /// `TB`.
    case terabytes
    /// `c`, a number that only ever grows, such as bytes sent by an interface.
    case counter
    /// A unit that the guidelines do not name; case matters, so `kB` is one.
    case other(String)

    private static let named: [PerformanceUnit] = [
        .number, .seconds, .milliseconds, .microseconds, .percent, .bytes, .kilobytes, .megabytes, .gigabytes,
        .terabytes, .counter,
    ]

    /// The unit with this text.
    init(text: String) {
        self = Self.named.first { $0.description == text } ?? .other(text)
    }

    /// The unit as plugins write it; empty for plain numbers.
    public var description: String {
        switch self {
        case .number: ""
        case .seconds: "s"
        case .milliseconds: "ms"
        case .microseconds: "us"
        case .percent: "%"
        case .bytes: "B"
        case .kilobytes: "KB"
        case .megabytes: "MB"
        case .gigabytes: "GB"
        case .terabytes: "TB"
        case .counter: "c"
        case .other(let text): text
        }
    }
}
