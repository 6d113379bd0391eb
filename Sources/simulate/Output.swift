import Foundation

/// Where text goes.
enum Output {
    /// Whether standard error is a terminal, on which progress may be shown.
    static var showsProgress: Bool { isatty(STDERR_FILENO) != 0 }

    static func line(_ text: String) { lines([text]) }

    static func lines(_ lines: [String]) {
        FileHandle.standardOutput.write(Data(lines.map { $0 + "\n" }.joined().utf8))
    }

    static func error(_ text: String) { write(text + "\n") }

    /// Replaces the line of progress on a terminal; an empty text removes it.
    static func progress(_ text: String) {
        guard showsProgress else { return }
        write("\r\u{1B}[2K" + text)
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
