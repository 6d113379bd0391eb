internal import CurlTransport

extension HeaderExpectation {
    /// What the header fields of an answer say; without a value only a count can be right.
    func finding(in headers: [HTTPHeader]) -> Finding {
        let fields = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        let values = isList ? fields.flatMap(Self.elements) : fields
        let actual = values.isEmpty ? "\(name) is missing" : "\(name): \(values.joined(separator: ", "))"
        switch rule {
        case .text(let text):
            let holds =
                switch quantifier {
                case .any: values.contains { text.holds(for: $0) }
                case .all: !values.isEmpty && values.allSatisfy { text.holds(for: $0) }
                }
            return .judge(holds, actual: actual, expected: words)
        case .count(let thresholds):
            return .number(
                Double(values.count), thresholds, actual: "\(values.count) times \(name)", name: words)
        }
    }

    /// The elements of a list without those that are empty; commas in quoted strings do not separate.
    static func elements(_ value: String) -> [String] {
        var elements: [String] = []
        var current = ""
        var (isQuoted, isEscaped) = (false, false)
        for character in value {
            if character == ",", !isQuoted {
                elements.append(current)
                current = ""
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && character == "\\" && !isEscaped
            current.append(character)
        }
        elements.append(current)
        return elements.map { trimmed($0) }.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }
}
