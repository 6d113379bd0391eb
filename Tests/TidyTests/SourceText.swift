/// Swift text with everything blanked that is no code: comments, and string literals apart from interpolations.
struct SourceText {
    /// The code of each line; lines keep their numbers.
    let lines: [String]

    init(_ text: String) {
        var scanner = CodeScanner(text)
        lines = scanner.code().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

/// Reads Swift text once, character by character, and remembers in which literals and comments it is.
private struct CodeScanner {
    private enum Context {
        case code(parentheses: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let text: [Character]
    private var index = 0
    private var contexts: [Context] = [.code(parentheses: 0)]
    private var result = ""

    init(_ text: String) {
        self.text = Array(text)
    }

    mutating func code() -> String {
        while index < text.count {
            switch contexts.last {
            case .string(let hashes, let isMultiline): readString(hashes: hashes, isMultiline: isMultiline)
            case .code(let parentheses): readCode(parentheses: parentheses)
            case nil: return result
            }
        }
        return result
    }

    private func starts(_ prefix: String) -> Bool {
        let end = index + prefix.count
        return end <= text.count && Array(prefix) == Array(text[index..<end])
    }

    private mutating func readCode(parentheses: Int) {
        if starts("//") { return skipLine() }
        if starts("/*") { return skipBlock() }
        var hashes = 0
        while index + hashes < text.count, text[index + hashes] == "#" { hashes += 1 }
        if index + hashes < text.count, text[index + hashes] == "\"" {
            index += hashes
            let isMultiline = starts("\"\"\"")
            index += isMultiline ? 3 : 1
            result += "\""
            contexts.append(.string(hashes: hashes, isMultiline: isMultiline))
            return
        }
        let character = text[index]
        index += 1
        if character == "(" { contexts[contexts.count - 1] = .code(parentheses: parentheses + 1) }
        if character == ")" {
            if parentheses == 0 && contexts.count > 1 {
                contexts.removeLast()
            } else {
                contexts[contexts.count - 1] = .code(parentheses: parentheses - 1)
            }
        }
        result.append(character)
    }

    private mutating func readString(hashes: Int, isMultiline: Bool) {
        let marks = String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + marks
        if starts(end) {
            index += end.count
            result += "\""
            contexts.removeLast()
        } else if starts("\\" + marks + "(") {
            index += hashes + 2
            result += "("
            contexts.append(.code(parentheses: 0))
        } else if starts("\\" + marks) {
            // The escaped character may be a quotation mark.
            index += hashes + 1
            if index < text.count, text[index] != "\n" { index += 1 }
        } else {
            if text[index] == "\n" { result += "\n" }
            if text[index] == "\n" && !isMultiline { contexts.removeLast() }
            index += 1
        }
    }

    private mutating func skipLine() {
        while index < text.count, text[index] != "\n" { index += 1 }
    }

    private mutating func skipBlock() {
        while index < text.count, !starts("*/") {
            if text[index] == "\n" { result += "\n" }
            index += 1
        }
        index = min(text.count, index + 2)
    }
}
