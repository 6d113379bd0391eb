/// One look at an update: how it stands and what it printed since the look before.
struct UpdateLook: Sendable, Hashable {
    /// The script's words for how an update stands.
    enum Status: String, Sendable {
        case absent
        case running
        case interrupted
        case ended
    }

    var status: Status
    var lines: [String]
    /// Where the next look begins, in bytes of the machine's file.
    var offset: Int
    /// How long that file was, in bytes.
    var size: Int

    /// Reads a first line such as `changeover-update running 120 340`, and what follows it; `nil` when it is another.
    init?(output: String) {
        // Line feeds are looked for among the bytes: after a carriage return they are no characters of their own.
        let parts = output.utf8.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let words = parts.first.map { String(decoding: $0, as: UTF8.self).split(separator: " ") } ?? []
        guard words.count == 4, words[0] == "changeover-update", let status = Status(rawValue: String(words[1])),
            let offset = Int(words[2]), let size = Int(words[3])
        else { return nil }
        (self.status, self.offset, self.size) = (status, offset, size)
        var texts =
            parts.dropFirst().first?.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) ?? []
        if texts.last?.isEmpty == true { texts.removeLast() }
        lines = texts.map { bytes in
            let text = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
            return URLSecrets.redacted(String(decoding: text, as: UTF8.self))
        }
    }
}

/// Takes names and passwords out of addresses, which repositories may be given by.
enum URLSecrets {
    /// The text with `https://…@host` for `https://name:password@host`.
    static func redacted(_ text: String) -> String {
        guard text.contains("://") else { return text }
        return text.replacing(/:\/\/[^\/@\s'"]*@/, with: "://…@")
    }
}
