/// How texts of a machine get into a proposed file without becoming more than texts.
enum ProposalText {
    /// Whether a scalar may stand in a name: a letter or digit of ASCII, a dot, a dash or an underscore.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": true
        default: false
        }
    }

    /// A text within a comment: on one line, of printable ASCII, at most 80 characters of it.
    static func comment(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(80).map { (" "..."~").contains($0) ? $0 : "?" }))
    }

    /// A line of comment; nothing gives an empty one.
    static func commentLine(_ text: String) -> String {
        text.isEmpty ? "#" : "# \(text)"
    }

    /// A YAML scalar in double quotes.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            default: quoted += "?"
            }
        }
        return quoted + "\""
    }
}
