public import Workflow

extension DocumentFormat where Value == String {
    /// A text that is not empty.
    public static var text: Self { .text("a text") }

    /// A text that is not empty; `form` describes it in messages, such as `a host name`.
    public static func text(_ form: String) -> Self {
        Self(.text(form: form)) { cursor in
            guard let scalar = cursor.scalar(expecting: .text(form: form)) else { return nil }
            guard !scalar.text.isEmpty else {
                cursor.report(.empty, "expected \(form), found an empty text")
                return nil
            }
            return scalar.text
        }
    }

    /// A text within limits; `problem` says of a text outside of them what is wrong with it.
    public static func text(
        _ form: String, limits: DocumentTextLimits, problem: @escaping @Sendable (String) -> DocumentTextProblem
    ) -> Self {
        let matcher = DocumentTextMatcher(limits)
        return text(form).refine { text, cursor -> String? in
            guard matcher.accepts(text) else {
                problem(text).report(at: cursor)
                return nil
            }
            return text
        }.described(as: .text(form: form, limits: limits))
    }
}

extension DocumentFormat where Value == Int {
    /// A whole number in decimal digits, without quotes.
    public static func integer(in range: ClosedRange<Int> = Int.min...Int.max) -> Self {
        let shape = DocumentShape.integer(range)
        return Self(shape) { cursor in
            guard let text = cursor.plainText(expecting: shape) else { return nil }
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            let isDecimal = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
            guard isDecimal, digits.count == 1 || digits.first != "0" else {
                cursor.reportWrongType(shape)
                return nil
            }
            guard let number = Int(text), range.contains(number) else {
                cursor.report(.outOfRange, "expected \(shape.words), found \(text)")
                return nil
            }
            return number
        }
    }
}

extension DocumentFormat where Value == Double {
    /// A finite number in decimal notation, without quotes.
    public static func number(in range: ClosedRange<Double>? = nil) -> Self {
        let range = range ?? DocumentBounds.widestNumber
        let shape = DocumentShape.number(range)
        return Self(shape) { cursor in
            guard let text = cursor.plainText(expecting: shape) else { return nil }
            guard let number = DocumentNumber.decimal(text) else {
                cursor.reportWrongType(shape)
                return nil
            }
            guard range.contains(number) else {
                cursor.report(.outOfRange, "expected \(shape.words), found \(text)")
                return nil
            }
            return number
        }
    }

    /// A percentage such as `0.5%`, read in percent: `0.5`.
    public static func percent(in range: ClosedRange<Double> = 0...100) -> Self {
        let shape = DocumentShape.percent(range)
        return Self(shape) { cursor in
            guard let text = cursor.scalar(expecting: shape)?.text else { return nil }
            guard text.hasSuffix("%"), !text.lowercased().contains("e"),
                let number = DocumentNumber.decimal(String(text.dropLast()))
            else {
                let hint = DocumentNumber.decimal(text) == nil ? nil : "write \(text)%"
                cursor.report(.wrongUnit, "expected \(shape.words), found \"\(text)\"", suggestion: hint)
                return nil
            }
            guard range.contains(number), !text.hasPrefix("-") || range.lowerBound < 0 else {
                let bounds = "from \(range.lowerBound)% to \(range.upperBound)%"
                cursor.report(.outOfRange, "expected a percentage \(bounds), found \(text)")
                return nil
            }
            return number
        }
    }
}

extension DocumentFormat where Value == Bool {
    /// `true` or `false`, without quotes.
    public static var boolean: Self {
        Self(.boolean) { cursor in
            guard let text = cursor.plainText(expecting: .boolean) else { return nil }
            switch text {
            case "true": return true
            case "false": return false
            default:
                let meaning: [String: String] = [
                    "yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false",
                ]
                let word = meaning[text.lowercased()] ?? NearestName.find(text.lowercased(), in: ["true", "false"])
                cursor.reportWrongType(.boolean, suggestion: word.map { "write \($0)" })
                return nil
            }
        }
    }
}

extension DocumentFormat where Value == Span {
    /// A length of time such as `250ms`; by default longer than zero.
    public static func span(in range: ClosedRange<Span> = .milliseconds(1)...Span(milliseconds: .max)) -> Self {
        let shape = DocumentShape.span(range.lowerBound.milliseconds...range.upperBound.milliseconds)
        return Self(shape) { cursor in
            guard let text = cursor.scalar(expecting: shape)?.text else { return nil }
            guard let span = Span(text: text) else {
                cursor.reportWrongUnit(of: text, expecting: shape)
                return nil
            }
            guard range.contains(span) else {
                let isShort = span < range.lowerBound
                let bound = isShort ? "at least \(range.lowerBound.text)" : "at most \(range.upperBound.text)"
                cursor.report(.outOfRange, "expected \(bound), found \(text)")
                return nil
            }
            return span
        }
    }
}

extension DocumentCursor {
    /// The text of a scalar without quotes; `nil` after reporting.
    fileprivate func plainText(expecting shape: DocumentShape) -> String? {
        guard let scalar = scalar(expecting: shape) else { return nil }
        guard scalar.style == .plain else {
            report(
                .wrongType, "expected \(shape.words), found the text \"\(scalar.excerpt)\"",
                suggestion: "remove the quotes")
            return nil
        }
        return scalar.text
    }

    fileprivate func reportWrongUnit(of text: String, expecting shape: DocumentShape) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        let isNumberAlone = !digits.isEmpty && unit.isEmpty
        let isUnknownUnit = !digits.isEmpty && unit.allSatisfy(\.isLetter)
        let units = "the units are ms, s, m, h and d"
        if isNumberAlone {
            report(.wrongUnit, "\"\(text)\" has no unit; \(units)", suggestion: "write for example \(text)s")
        } else if isUnknownUnit, digits.count <= 9 {
            report(.wrongUnit, "\"\(text)\" has the unknown unit \"\(unit)\"", suggestion: units)
        } else {
            report(.wrongUnit, "expected \(shape.words), found \"\(text)\"", suggestion: units)
        }
    }
}
