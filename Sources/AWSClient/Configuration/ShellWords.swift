/// Splits a command line into words as Python's `shlex.split` does; nothing is expanded.
enum ShellWords {
    /// Returns the words, or `nil` when a quotation or escape does not end.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: [UInt8]?
        var quote: UInt8?
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                // Within double quotes only these two are escaped; before others the backslash stays.
                if quote != nil, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                    word = (word ?? []) + [UInt8(ascii: "\\")]
                }
                word = (word ?? []) + [byte]
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") {
                isEscaped = true
                word = word ?? []
            } else if let open = quote {
                if byte == open { quote = nil } else { word = (word ?? []) + [byte] }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
                word = word ?? []
            } else if [32, 9, 10, 13].contains(byte) {
                if let done = word { words.append(String(decoding: done, as: UTF8.self)) }
                word = nil
            } else {
                word = (word ?? []) + [byte]
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        if let word { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
