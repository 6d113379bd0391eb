import Workflow

/// Tells which lines of a machine's update output are new to the swap's log.
///
/// The output is read by its offset; a driver that took the swap up begins at its start and passes over the lines that
/// drivers before it have logged.
struct UpdateOutput: Sendable {
    /// Where the next look begins, in bytes.
    private(set) var offset = 0
    private var knownLines: Int

    init(knownLines: Int) {
        self.knownLines = knownLines
    }

    /// The log's source of the update with `token`: `update`, and `update-2` and so on for further attempts.
    static func source(_ token: UpdateToken) -> String {
        let attempt = token.rawValue.split(separator: "-").last.flatMap { Int($0) } ?? 1
        return attempt > 1 ? "update-\(attempt)" : "update"
    }

    /// Takes what a look gave and returns the lines that are new.
    mutating func take(_ progress: UpdateProgress) -> [String] {
        offset = max(offset, progress.offset)
        let passed = min(knownLines, progress.lines.count)
        knownLines -= passed
        return Array(progress.lines.dropFirst(passed))
    }
}
