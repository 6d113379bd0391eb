/// A singular query of RFC 9535: names and indexes only, so that it selects at most one value.
struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case name(String)
        /// From the start, or with a negative index from the end.
        case index(Int)
    }

    /// Why a text is no singular query.
    struct ParseError: Error, Sendable, Hashable {
        var problem: String
    }

    let segments: [Segment]
    let description: String

    init(text: String) throws(ParseError) {
        // By scalars throughout: a combining mark makes one character of itself and the dot before it.
        guard text.unicodeScalars.first == "$" else { throw ParseError(problem: "a path starts with $") }
        var rest = text[text.unicodeScalars.index(after: text.startIndex)...]
        var segments: [Segment] = []
        while !rest.isEmpty {
            segments.append(try Self.segment(&rest))
        }
        self.segments = segments
        description = text
    }

    /// The selected value; `nil` when there is none.
    func value(in root: JSONValue) -> JSONValue? {
        var value = root
        for segment in segments {
            switch (segment, value) {
            case (.name(let name), .object(let members)):
                guard let member = members[name] else { return nil }
                value = member
            case (.index(let index), .array(let elements)):
                let position = index < 0 ? elements.count + index : index
                guard elements.indices.contains(position) else { return nil }
                value = elements[position]
            default: return nil
            }
        }
        return value
    }

    private static func segment(_ rest: inout Substring) throws(ParseError) -> Segment {
        if rest.hasPrefix("..") { throw ParseError(problem: "\"..\" selects several values") }
        if rest.hasPrefix(".*") || rest.hasPrefix("[*") { throw ParseError(problem: "\"*\" selects several values") }
        if let segment = name(&rest) ?? bracketed(&rest) { return segment }
        if rest.contains(where: { "?:,".contains($0) }) {
            throw ParseError(problem: "filters, slices and lists select several values")
        }
        throw ParseError(problem: "\"\(rest.prefix(40))\" is neither .name, ['name'] nor [index]")
    }

    /// Takes `.name`.
    private static func name(_ rest: inout Substring) -> Segment? {
        guard rest.unicodeScalars.first == "." else { return nil }
        let scalars = rest.unicodeScalars.dropFirst()
        let name = scalars.prefix { isLetter($0) || isDigit($0) }
        guard let first = name.first, isLetter(first) else { return nil }
        rest = rest[name.endIndex...]
        return .name(String(name))
    }

    /// Takes `[index]`, `['name']` or `["name"]`, with spaces around what is inside.
    private static func bracketed(_ rest: inout Substring) -> Segment? {
        guard rest.unicodeScalars.first == "[" else { return nil }
        var scalars = rest.unicodeScalars.dropFirst().drop { $0 == " " }
        let segment: Segment?
        if let quote = scalars.first, quote == "'" || quote == "\"" {
            segment = quoted(&scalars, by: quote)
        } else {
            let digits = scalars.prefix { isDigit($0) || $0 == "-" }
            scalars = scalars[digits.endIndex...]
            segment = index(String(digits)).map(Segment.index)
        }
        scalars = scalars.drop { $0 == " " }
        guard let segment, scalars.first == "]" else { return nil }
        rest = rest[scalars.index(after: scalars.startIndex)...]
        return segment
    }

    /// Takes a name in quotes, in which a backslash stands before a quote of the same kind or a backslash.
    private static func quoted(_ scalars: inout Substring.UnicodeScalarView, by quote: Unicode.Scalar) -> Segment? {
        var name = String.UnicodeScalarView()
        scalars = scalars.dropFirst()
        while let scalar = scalars.popFirst() {
            if scalar == quote { return .name(String(name)) }
            guard scalar == "\\" else {
                name.append(scalar)
                continue
            }
            guard let escaped = scalars.popFirst(), escaped == quote || escaped == "\\" else { return nil }
            name.append(escaped)
        }
        return nil
    }

    /// A number without zeros before it and without a minus before zero.
    private static func index(_ digits: String) -> Int? {
        guard let number = Int(digits), String(number) == digits else { return nil }
        return number
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "_": true
        default: !scalar.isASCII
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
