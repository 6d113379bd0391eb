internal import Workflow

/// Writes a language's reference as Markdown, from the shape by which documents are decoded.
public struct DocumentReference: Sendable {
    private var sections: [String] = []
    private var described: Set<DocumentObjectShape> = []

    private init() {}

    /// One section per mapping of the language, in the order in which they are met; headings have two `#`.
    public static func text(of shape: DocumentShape) -> String {
        var reference = DocumentReference()
        reference.describe(shape)
        return reference.sections.joined(separator: "\n")
    }

    private mutating func describe(_ shape: DocumentShape) {
        switch shape {
        case .object(let object): describe(object)
        case .list(let element, _, _), .dictionary(let element, _): describe(element)
        case .alternatives(let shapes): shapes.forEach { describe($0) }
        default: break
        }
    }

    private mutating func describe(_ object: DocumentObjectShape) {
        guard described.insert(object).inserted else { return }
        var lines = ["## \(object.name)", "", "| key | value | default | |", "|---|---|---|---|"]
        for key in object.keys where !key.shape.isUnavailable {
            let needed = key.isRequired ? "required" : key.defaultText.map { "`\($0)`" } ?? ""
            let cells = ["`\(key.name)`", Self.cell(key.shape.limitedWords), needed, Self.cell(key.summary)]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        lines.append("")
        lines += rules(of: object)
        sections.append(lines.joined(separator: "\n"))
        for key in object.keys { describe(key.shape) }
    }

    private func rules(of object: DocumentObjectShape) -> [String] {
        var lines: [String] = []
        if !object.exactlyOneOf.isEmpty {
            let names = object.exactlyOneOf.map { "`\($0)`" }.joined(separator: ", ")
            lines.append("- Exactly one of \(names)" + (object.orElse.map { "; or `\($0)` alone" } ?? "") + ".")
        }
        for rule in object.rules {
            let sentence = rule.summary.prefix(1).uppercased() + rule.summary.dropFirst()
            let line = "- \(Self.cell(sentence))" + (sentence.hasSuffix(".") ? "" : ".")
            if !lines.contains(line) { lines.append(line) }
        }
        return lines.isEmpty ? [] : lines + [""]
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("<", with: "&lt;").replacing("*", with: "\\*")
    }
}

extension DocumentShape {
    fileprivate var isUnavailable: Bool {
        if case .unavailable = self { true } else { false }
    }

    /// What is expected, with ranges that messages leave out.
    fileprivate var limitedWords: String {
        switch self {
        case .span(let range):
            "a length of time from \(Self.span(range.lowerBound)) to \(Self.span(range.upperBound))"
        case .percent(let range): "a percentage from \(range.lowerBound)% to \(range.upperBound)%"
        case .list(let element, let allowsEmpty, _):
            "a list\(allowsEmpty ? ", perhaps empty" : ""), each \(element.limitedWords)"
        case .alternatives(let shapes): shapes.map(\.limitedWords).joined(separator: ", or ")
        default: words
        }
    }

    private static func span(_ milliseconds: Int64) -> String {
        Span(milliseconds: milliseconds).text
    }
}
