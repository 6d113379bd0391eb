/// A configuration file of the AWS tools, read as Python's `configparser` and botocore's `configloader` read it.
struct INIFile: Equatable {
    /// A value, or the indented settings below a key without one.
    enum Value: Equatable {
        case text(String)
        case nested([String: String])

        var text: String? {
            if case .text(let text) = self { text } else { nil }
        }
    }

    typealias Section = [String: Value]

    struct Problem: Error, Equatable {
        var line: Int
        var reason: String
    }

    /// The sections by the text between their brackets.
    private(set) var sections: [String: Section] = [:]

    /// Reads a file's text.
    init(_ text: String) throws(Problem) {
        var reader = Reader()
        for (index, line) in text.utf8.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            try reader.read(Substring(line), number: index + 1)
        }
        let defaults = reader.sections.removeValue(forKey: "DEFAULT") ?? [:]
        for (name, options) in reader.sections {
            var section: Section = [:]
            for (key, lines) in options.merging(defaults, uniquingKeysWith: { own, _ in own }) {
                section[key] = try Self.value(lines)
            }
            sections[name] = section
        }
    }

    private static func value(_ lines: Reader.Lines) throws(Problem) -> Value {
        var texts = lines.texts
        while texts.count > 1, texts.last?.isEmpty == true { texts.removeLast() }
        guard texts.count > 1, texts[0].isEmpty else { return .text(texts.joined(separator: "\n")) }
        var nested: [String: String] = [:]
        for text in texts where !text.isEmpty {
            guard let sign = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                throw Problem(line: lines.number, reason: "an indented line has no =")
            }
            nested[Self.trimmed(text[..<sign])] = Self.trimmed(text[text.utf8.index(after: sign)...])
        }
        return .nested(nested)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.utf8.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// Reads line by line.
    private struct Reader {
        struct Lines {
            var number: Int
            var texts: [String]
        }

        var sections: [String: [String: Lines]] = [:]
        private var section: String?
        private var option: String?
        private var indentation = 0

        mutating func read(_ line: Substring, number: Int) throws(Problem) {
            let content = INIFile.trimmed(line)
            if content.hasPrefix("#") || content.hasPrefix(";") { return }
            if content.isEmpty { return append("") }
            let indented = line.utf8.prefix(while: INIFile.isBlank).count
            if option != nil, indented > indentation { return append(content) }
            indentation = indented
            if content.hasPrefix("["), let end = content.utf8.lastIndex(of: UInt8(ascii: "]")),
                content.utf8.distance(from: content.startIndex, to: end) > 1
            {
                try open(String(content[content.utf8.index(after: content.startIndex)..<end]), number)
            } else {
                try set(content, number)
            }
        }

        private mutating func append(_ text: String) {
            guard let section, let option else { return }
            sections[section]?[option]?.texts.append(text)
        }

        private mutating func open(_ name: String, _ number: Int) throws(Problem) {
            guard sections[name] == nil else { throw Problem(line: number, reason: "the section occurs twice") }
            sections[name] = [:]
            section = name
            option = nil
        }

        private mutating func set(_ content: String, _ number: Int) throws(Problem) {
            guard let section else { throw Problem(line: number, reason: "there is no section yet") }
            guard let sign = content.utf8.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") })
            else { throw Problem(line: number, reason: "it has neither = nor :") }
            let key = INIFile.trimmed(content[..<sign]).lowercased()
            guard !key.isEmpty else { throw Problem(line: number, reason: "there is no key") }
            guard sections[section]?[key] == nil else { throw Problem(line: number, reason: "the key occurs twice") }
            let value = INIFile.trimmed(content[content.utf8.index(after: sign)...])
            sections[section]?[key] = Lines(number: number, texts: [value])
            option = key
        }
    }
}
