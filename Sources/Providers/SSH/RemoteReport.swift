import Foundation

/// What the remote shell reports about a command in marked lines of standard error, which are nobody else's.
final class RemoteReport: @unchecked Sendable {
    /// What stands before every report; random, so that no command can print it by accident.
    let marker: String
    // Touched under `lock` only.
    private let lock = NSLock()
    private var state = State()

    struct State {
        /// The process group that the command runs in; `nil` until it has started.
        var group: Int?
        /// Whether the program does not exist.
        var isMissing = false
        /// Whether the program may not be executed.
        var isRefused = false
        /// Whether the command itself ended with 255, which otherwise means a failure of the connection.
        var hasEnded = false
    }

    init(marker: String = "changeover-\(UUID().uuidString)") {
        self.marker = marker
    }

    /// What was reported so far.
    var current: State { lock.withLock { state } }

    /// Takes in a line of standard error; `false` when it is the command's own.
    func takes(_ line: some StringProtocol) -> Bool {
        guard line.hasPrefix("\(marker) ") else { return false }
        let words = line.split(separator: " ")
        lock.withLock {
            switch words.dropFirst().first {
            case "started": state.group = words.count == 3 ? Int(words[2]).flatMap { $0 > 1 ? $0 : nil } : nil
            case "missing": state.isMissing = true
            case "refused": state.isRefused = true
            case "ended": state.hasEnded = true
            default: break
            }
        }
        return true
    }

    /// Standard error without the reports.
    func withoutReports(_ text: String) -> String {
        guard text.contains(marker) else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix(marker) }.joined(separator: "\n")
    }
}
