/// A transcript as it fits on a screen or two: its beginning, and what led to its end.
public struct TranscriptExcerpt: Sendable {
    /// The lines; where some were left out, a line says how many.
    public let lines: [String]

    /// Cuts a transcript down to its first `head` and last `tail` lines, each at most `width` characters.
    public init(of transcript: [String], head: Int = 20, tail: Int = 80, width: Int = 240) {
        let left = transcript.count - head - tail
        let chosen =
            left > 1
            ? transcript.prefix(head) + ["            … \(left) lines are left out here …"] + transcript.suffix(tail)
            : transcript[...]
        lines = chosen.map { $0.count > width ? $0.prefix(width - 1) + "…" : $0 }
    }
}
