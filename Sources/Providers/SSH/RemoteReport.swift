import Foundation

/// What the remote shell reports about a command in lines with a marker, which are nobody else's.
///
/// On standard output everything up to the last of the opening lines comes from the login shell's startup files, on standard
/// error everything up to the report of the connection; neither is the command's.
final class RemoteReport: Sendable {
    /// What stands before every report; random, so that no command can print it by accident.
    let marker: String
    private let state = LockedValue(State())

    struct State: Sendable {
        /// Whether the login shell passes commands on.
        var isConnected = false
        /// Whether the command's own output has begun.
        var hasBegun = false
        /// The process group that the command runs in; `nil` until it has started.
        var group: Int?
        /// Whether the machine lacks the programs that every command needs.
        var isIncomplete = false
        /// Whether the machine has no `sudo`.
        var isSudoless = false
        /// Whether the program does not exist.
        var isMissing = false
        /// Whether the program may not be executed.
        var isRefused = false
        /// Whether the command itself ended with 255, which otherwise means a failure of the connection.
        var hasEnded = false
    }

    /// What a line of standard error can report.
    private static let words: [String: @Sendable (inout State) -> Void] = [
        "connected": { $0.isConnected = true }, "incomplete": { $0.isIncomplete = true },
        "sudoless": { $0.isSudoless = true }, "missing": { $0.isMissing = true },
        "refused": { $0.isRefused = true }, "ended": { $0.hasEnded = true },
    ]

    init(marker: String = "changeover-\(UUID().uuidString)") {
        self.marker = marker
    }

    /// What was reported so far.
    var current: State { state.withLock { $0 } }

    /// Takes in a line and gives what of it is the command's own; `nil` when nothing is.
    func own(_ line: String, isError: Bool) -> String? {
        isError ? ownError(line) : ownOutput(line)
    }

    private func ownOutput(_ line: String) -> String? {
        state.withLock { state in
            if state.hasBegun { return line }
            // The startup files may have left an unfinished line.
            if line.utf8.suffix(marker.utf8.count + 6).elementsEqual("\(marker) begun".utf8) { state.hasBegun = true }
            return nil
        }
    }

    private func ownError(_ line: String) -> String? {
        guard let start = line.range(of: "\(marker) ", options: .literal) else {
            return current.isConnected ? line : nil
        }
        guard take(line[start.upperBound...]) else { return current.isConnected ? line : nil }
        // The command may have left an unfinished line.
        let own = line[..<start.lowerBound]
        return own.isEmpty || current.group == nil ? nil : String(own)
    }

    /// Takes in the words after a marker; `false` when they are no report, such as in a list of processes.
    private func take(_ text: Substring) -> Bool {
        let words = text.split(separator: " ")
        if words.count == 2, words[0] == "started", let group = Int(words[1]), group > 1 {
            state.withLock { $0.group = group }
            return true
        }
        guard words.count == 1, let report = Self.words[String(words[0])] else { return false }
        state.withLock { report(&$0) }
        return true
    }

    /// Standard output without what came before the command; empty when the command has not begun.
    func output(of text: String) -> String {
        let bytes = Data(text.utf8)
        guard let opening = bytes.range(of: Data("\(marker) begun\n".utf8)) else { return "" }
        return String(decoding: bytes[opening.upperBound...], as: UTF8.self)
    }

    /// Standard error without what came before the command, and without reports.
    func errorOutput(of text: String) -> String {
        // By bytes: a carriage return before a line feed, or a mark that combines, would otherwise hide them.
        var rest = Data(text.utf8)
        var own = Data()
        if let opening = rest.range(of: Data("\(marker) connected\n".utf8)) { rest = rest[opening.upperBound...] }
        while let start = rest.range(of: Data("\(marker) ".utf8)) {
            let end = rest[start.upperBound...].firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let isReport = take(String(decoding: rest[start.upperBound..<end], as: UTF8.self)[...])
            own += rest[rest.startIndex..<(isReport ? start.lowerBound : end)]
            rest = rest[end...]
            if isReport { rest = rest.dropFirst() }
        }
        return String(decoding: own + rest, as: UTF8.self)
    }
}
