/// What HAProxy means when it answers in English: the runtime API has no codes, so its sentences stand here only.
enum RuntimeRefusal: Hashable {
    case permissionDenied
    case noSuchBackend
    case noSuchServer
    case staticBalance
    case nameTaken
    case notInMaintenance
    case stillConnected
    case unknownCommand

    /// How answers begin, as HAProxy 2.6 words them.
    private static let table: [(String, RuntimeRefusal)] = [
        ("Permission denied", .permissionDenied),
        ("No such backend", .noSuchBackend),
        ("Can't find backend", .noSuchBackend),
        ("No such proxy", .noSuchBackend),
        ("No such server", .noSuchServer),
        ("Require 'backend/server'", .noSuchServer),
        ("Backend must use a dynamic load balancing", .staticBalance),
        ("Already exists a server", .nameTaken),
        ("Only servers in maintenance mode", .notInMaintenance),
        ("Server still has connections", .stillConnected),
        ("Unknown command", .unknownCommand),
    ]

    /// How answers of success begin; most changes succeed with an empty answer.
    private static let successes = ["New server registered", "Server deleted"]

    /// Whether a change was taken.
    static func isSuccess(_ answer: String) -> Bool {
        let line = firstLine(answer)
        return line.isEmpty || successes.contains { line.hasPrefix($0) }
    }

    init?(_ answer: String) {
        let line = Self.firstLine(answer)
        guard let entry = Self.table.first(where: { line.hasPrefix($0.0) }) else { return nil }
        self = entry.1
    }

    /// The answer's first line that is not empty, printable and bounded.
    static func firstLine(_ answer: String) -> String {
        let line = answer.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        let printable = line.prefix(200).unicodeScalars.map { scalar in
            scalar.value < 32 || (127..<160).contains(scalar.value) ? "?" : String(scalar)
        }
        return printable.joined()
    }
}
