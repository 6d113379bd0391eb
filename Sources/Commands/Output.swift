import Engine
import Foundation

/// Writes to standard output and standard error; with JSON, standard output carries only JSON.
struct Output: Sendable {
    let format: OutputFormat
    /// Whether standard output is a terminal that may be written to with colour and live progress.
    let isLive: Bool
    let hasColour: Bool

    init(_ format: OutputFormat) {
        self.format = format
        isLive = format == .text && isatty(STDOUT_FILENO) == 1
        let noColour = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        hasColour = isLive && !noColour
    }

    /// A line for people: on standard output in text, on standard error otherwise.
    func line(_ text: String = "") {
        write(text + "\n", to: format == .text ? STDOUT_FILENO : STDERR_FILENO)
    }

    /// A message on standard error.
    func message(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Text without a line feed, for the live line of a terminal.
    func raw(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// One JSON document: pretty for `json`, on one line for `jsonl`; nothing for text.
    func document(_ value: some Encodable) {
        guard format != .text, let text = try? CanonicalJSON.text(of: value, pretty: format == .json) else { return }
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// A text in a colour, where colour is wanted.
    func coloured(_ text: String, _ colour: Colour) -> String {
        hasColour ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }

    enum Colour: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case faint = "2"
        case bold = "1"
    }

    private func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
