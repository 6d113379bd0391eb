/// Swift text with everything blanked that is no code: comments, and string literals apart from interpolations.
struct SourceText {
    /// The code of each line; lines keep their numbers.
    let lines: [String]

    init(_ text: String) {
        var scanner = CodeScanner(text)
        let code = scanner.code().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        lines = code.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Reads Swift text once, character by character, and remembers in which literals and comments it is.
private struct CodeScanner {
    private enum Context {
        case code(parentheses: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let text: [UInt8]
    private var index = 0
    private var contexts: [Context] = [.code(parentheses: 0)]
    private var result: [UInt8] = []

    init(_ text: String) {
        self.text = Array(text.utf8)
    }

    mutating func code() -> [UInt8] {
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
        var position = index
        for byte in prefix.utf8 {
            guard position < text.count, text[position] == byte else { return false }
            position += 1
        }
        return true
    }

    private func isAt(_ offset: Int, _ character: Unicode.Scalar) -> Bool {
        index + offset < text.count && text[index + offset] == UInt8(ascii: character)
    }

    private mutating func readCode(parentheses: Int) {
        if starts("//") { return skipLine() }
        if starts("/*") { return skipBlock() }
        var hashes = 0
        while isAt(hashes, "#") { hashes += 1 }
        if isAt(hashes, "\"") {
            index += hashes
            let marks = String(repeating: "#", count: hashes)
            // `#"""#` is one quotation mark.
            let isMultiline = starts("\"\"\"") && (hashes == 0 || !starts("\"\"\"" + marks))
            index += isMultiline ? 3 : 1
            result.append(UInt8(ascii: "\""))
            contexts.append(.string(hashes: hashes, isMultiline: isMultiline))
            return
        }
        let character = text[index]
        index += 1
        if character == UInt8(ascii: "(") { contexts[contexts.count - 1] = .code(parentheses: parentheses + 1) }
        if character == UInt8(ascii: ")") {
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
            result.append(UInt8(ascii: "\""))
            contexts.removeLast()
        } else if starts("\\" + marks + "(") {
            index += hashes + 2
            result.append(UInt8(ascii: "("))
            contexts.append(.code(parentheses: 0))
        } else if starts("\\" + marks) {
            // The escaped character may be a quotation mark.
            index += hashes + 1
            if index < text.count, !isAt(0, "\n") { index += 1 }
        } else {
            if isAt(0, "\n") {
                result.append(text[index])
                if !isMultiline { contexts.removeLast() }
            }
            index += 1
        }
    }

    private mutating func skipLine() {
        while index < text.count, !isAt(0, "\n") { index += 1 }
    }

    private mutating func skipBlock() {
        while index < text.count, !starts("*/") {
            if isAt(0, "\n") { result.append(text[index]) }
            index += 1
        }
        index = min(text.count, index + 2)
    }
}
