/// How long files and functions may be, and what nothing may be called.
enum LengthRule {
    static let fileLimit = 500
    static let functionLimit = 70

    static func fileProblems(in file: SourceFile) -> [String] {
        // The empty text after the last line feed is no line.
        let count = file.lines.last?.isEmpty == true ? file.lines.count - 1 : file.lines.count
        return count > fileLimit ? ["\(file.path) has \(count) lines; \(fileLimit) are enough"] : []
    }

    static func functionProblems(in file: SourceFile) -> [String] {
        file.lines.indices.compactMap { start in
            guard isFunction(file.lines[start]), let end = end(of: file.lines, from: start) else { return nil }
            let length = end - start + 1
            guard length > functionLimit else { return nil }
            return "\(file.path):\(start + 1): a function of \(length) lines; \(functionLimit) are enough"
        }
    }

    static func nameProblems(in file: SourceFile) -> [String] {
        var problems: [String] = []
        if file.path.lowercased().contains("util") { problems.append("\(file.path): name it for what it does") }
        for (number, line) in file.lines.enumerated() {
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
            for (word, name) in zip(words, words.dropFirst()) {
                guard ["struct", "class", "enum", "actor", "protocol", "extension", "typealias"].contains(word) else {
                    continue
                }
                guard name.lowercased().hasSuffix("utils") || name.lowercased().hasSuffix("util") else { continue }
                problems.append("\(file.path):\(number + 1): \(name): name it for what it does")
            }
        }
        return problems
    }

    private static func isFunction(_ line: String) -> Bool {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@" || $0 == ".") }
        guard let position = words.firstIndex(where: { ["func", "init", "deinit", "subscript"].contains($0) }) else {
            return false
        }
        let modifiers: Set<Substring> = [
            "public", "package", "internal", "fileprivate", "private", "static", "class", "mutating", "nonmutating",
            "override", "final", "convenience", "required", "nonisolated", "isolated", "consuming", "borrowing",
            "unsafe", "indirect", "open", "prefix", "postfix", "infix",
        ]
        return words[..<position].allSatisfy { modifiers.contains($0) || $0.hasPrefix("@") }
    }

    /// The line on which the body ends; `nil` for a requirement without one.
    private static func end(of lines: [String], from start: Int) -> Int? {
        var braces = 0
        var parentheses = 0
        for number in start..<lines.count {
            if number > start && braces == 0 && parentheses == 0 && isFunction(lines[number]) { return nil }
            for character in lines[number] {
                switch character {
                case "(": parentheses += 1
                case ")": parentheses -= 1
                case "{" where parentheses == 0: braces += 1
                case "}" where parentheses == 0:
                    braces -= 1
                    if braces == 0 { return number }
                    if braces < 0 { return nil }
                default: break
                }
            }
        }
        return nil
    }
}
