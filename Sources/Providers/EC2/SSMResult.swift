import Foundation
import Workflow

/// What a run printed: a header and the first part of its compressed streams.
struct SSMResult: Sendable {
    /// How it ended: an exit code, `timeout`, `missing`, `refused` or `unknown`.
    var end: String
    /// How much it printed on each stream before it was cut.
    var outputBytes: Int
    var errorBytes: Int
    /// How many characters of Base64 there are in all.
    var total: Int
    /// Those that have arrived.
    var frame: String

    /// Reads the answer of the first call; `nil` when the header is missing.
    init?(_ text: String) {
        guard let start = text.range(of: "changeover-result "), let end = text[start.upperBound...].firstIndex(of: "\n")
        else { return nil }
        let words = text[start.upperBound..<end].split(separator: " ")
        guard words.count == 4, let outputBytes = Int(words[1]), let errorBytes = Int(words[2]),
            let total = Int(words[3]), outputBytes >= 0, errorBytes >= 0, total >= 0
        else { return nil }
        self.end = String(words[0])
        self.outputBytes = outputBytes
        self.errorBytes = errorBytes
        self.total = total
        frame = Self.base64(text[text.index(after: end)...])
    }

    /// Adds a further part; `false` when there was none.
    mutating func append(_ text: String) -> Bool {
        let part = Self.base64(text[...])
        frame += part
        return !part.isEmpty
    }

    private static func base64(_ text: Substring) -> String {
        String(text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+" || $0 == "/" || $0 == "=") })
    }

    /// The result in the words of the port; throws when the parts do not fit together.
    func commandResult(limitBytes: Int, program: String) throws(CommandError) -> CommandResult {
        let kept = (min(outputBytes, limitBytes), min(errorBytes, limitBytes))
        guard frame.utf8.count == total, let data = Data(base64Encoded: frame),
            let streams = Gzip.decompress([UInt8](data), limitBytes: kept.0 + kept.1), streams.count == kept.0 + kept.1
        else { throw CommandError(.unreachable, detail: "the result that SSM returned is damaged") }
        let termination: CommandResult.Termination
        switch end {
        case "timeout": termination = .timedOut
        case "missing": throw CommandError(.notFound, detail: "there is no program \(program) on the instance")
        case "refused": throw CommandError(.notPermitted, detail: "\(program) may not be executed on the instance")
        default:
            guard let code = Int32(end), (0...255).contains(code) else {
                throw CommandError(.unreachable, detail: "the command's end is not known (\(end.prefix(20)))")
            }
            // A shell says 128 and the signal's number for a command that a signal ended (POSIX, 2.8.2).
            termination = code > 128 && code <= 192 ? .signalled(code - 128) : .exited(code)
        }
        return CommandResult(
            termination: termination, output: String(decoding: streams[..<kept.0], as: UTF8.self),
            errorOutput: String(decoding: streams[kept.0...], as: UTF8.self),
            isTruncated: outputBytes > limitBytes || errorBytes > limitBytes)
    }
}
